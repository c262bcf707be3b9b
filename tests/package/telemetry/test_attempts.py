"""A client span for each attempt, in one trace with the request it is made for, and no secret in any."""

import asyncio

import pytest
from opentelemetry.trace import SpanKind, StatusCode
from testproject.asgi import application
from testproject.quotes import quotes
from upstreams import UpstreamTimeout
from upstreams.core.httpx import httpx
from upstreams.telemetry.asgi_spans import ASGISpans

QUOTE = {"text": "a", "author": "b"}
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SAMPLED, UNSAMPLED = f"00-{TRACE}-{PARENT}-01", f"00-{TRACE}-{PARENT}-00"


@pytest.fixture
async def client(spans, settings, lifespan):
    settings.ROOT_URLCONF = "testproject.telemetry.urls"
    transport = httpx.ASGITransport(app=ASGISpans(application))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client


@pytest.mark.upstreams(quotes={"BACKOFF": 0.001})
async def test_one_trace_leads_from_the_caller_to_each_attempt(client, upstream_mock, spans):
    upstream_mock("quotes").get("random").json({}, 502).fail("reset_before_first_byte").json(QUOTE)
    await client.get("/quotes/random", headers={"traceparent": SAMPLED})
    *attempts, request = spans()
    sent = [one.headers["traceparent"] for one in upstream_mock("quotes").requests]
    assert {format(span.context.trace_id, "032x") for span in spans()} == {TRACE}
    assert (request.kind, format(request.parent.span_id, "016x")) == (SpanKind.SERVER, PARENT)
    assert [span.parent.span_id for span in attempts] == [request.context.span_id] * 3
    assert sent == [f"00-{TRACE}-{span.context.span_id:016x}-01" for span in attempts]


@pytest.mark.upstreams(quotes={"BACKOFF": 0.001})
async def test_a_span_says_how_an_attempt_ended(client, upstream_mock, spans):
    upstream_mock("quotes").get("random").json({}, 502).fail("reset_before_first_byte").json(QUOTE)
    await client.get("/quotes/random")
    first, second, third, _ = spans()
    common = {
        "http.request.method": "GET",
        "url.template": "/v1/random",
        "server.address": "quotes.test",
        "server.port": 80,
        "service.peer.name": "quotes",
    }
    assert {span.name for span in (first, second, third)} == {"GET /v1/random"}
    assert first.attributes == {**common, "http.response.status_code": 502, "error.type": "502"}
    assert second.attributes == {
        **common,
        "http.request.resend_count": 1,
        "error.type": "UpstreamConnectionError",
    }
    assert second.events == ()  # the words of an error may hold anything
    assert third.attributes == {**common, "http.request.resend_count": 2, "http.response.status_code": 200}
    assert [span.status.status_code for span in (first, second, third)] == [
        StatusCode.ERROR,
        StatusCode.ERROR,
        StatusCode.UNSET,
    ]


@pytest.mark.upstreams(quotes={"MAX_ATTEMPTS": 1, "ATTEMPT_TIMEOUT": 0.05})
async def test_the_time_limit_of_an_attempt_has_a_name(spans, upstream_mock, lifespan):
    upstream_mock("quotes").get("random").fail("hang")
    with pytest.raises(UpstreamTimeout):
        await quotes.random()
    assert [span.attributes["error.type"] for span in spans()] == ["UpstreamTimeout"]


async def test_a_cancelled_call_ends_its_span(spans, upstream_mock, lifespan):
    arrived = asyncio.Event()

    async def arrive(_):
        arrived.set()

    upstream_mock("quotes").get("random").after(arrive).fail("hang")
    task = asyncio.create_task(quotes.random())
    await arrived.wait()
    task.cancel()
    await asyncio.wait([task])
    assert [span.attributes["error.type"] for span in spans()] == ["CancelledError"]


@pytest.mark.parametrize("path", ["/sync", "/thread"])
async def test_a_call_from_a_thread_belongs_to_the_request(client, upstream_mock, spans, path):
    upstream_mock("quotes").get("random").json(QUOTE)
    await client.get(path)
    attempt, request = spans()
    assert attempt.parent.span_id == request.context.span_id


async def test_a_call_without_a_request_begins_a_trace(spans, upstream_mock, lifespan):
    upstream_mock("quotes").get("random").json(QUOTE)
    await asyncio.to_thread(asyncio.run, quotes.random())
    (attempt,) = spans()
    assert attempt.parent is None


async def test_a_caller_who_does_not_sample_is_respected(client, upstream_mock, spans):
    upstream_mock("quotes").get("random").json(QUOTE)
    await client.get("/quotes/random", headers={"traceparent": UNSAMPLED})
    (sent,) = upstream_mock("quotes").requests
    assert spans() == ()
    assert sent.headers["traceparent"].startswith(f"00-{TRACE}-")
    assert sent.headers["traceparent"].endswith("-00")


async def test_the_headers_of_a_stream_end_its_span(client, upstream_mock, spans):
    upstream_mock("quotes").get("export").content("a\n")
    async with quotes.stream("GET", "export"):
        ended = spans()
    assert [span.name for span in ended] == ["GET /v1/export"]


async def test_no_span_holds_a_secret(client, upstream_mock, spans):
    upstream_mock("quotes").get("authors/secret").json({"secret": "secret"}, 500)
    headers = {"Authorization": "secret", "Cookie": "a=secret", "User-Agent": "secret"}
    url = "/quotes/by/secret?token=secret"
    await client.request("GET", url, headers=headers, content=b"secret")
    assert len(spans()) == 2
    assert "secret" not in "".join(span.to_json() for span in spans())
