"""A call of an SDK, over UpstreamTransport, is a client span below that of the request."""

import asyncio

import openai
import pytest
from asgiref.sync import sync_to_async
from opentelemetry.trace import SpanKind, StatusCode
from sdks.vendors import WORDS, serving_vendors
from upstreams import UpstreamTransport, open_clients
from upstreams.core.httpx import httpx
from upstreams.telemetry.asgi_spans import ASGISpans

MESSAGES = [{"role": "user", "content": "a secret"}]


@pytest.fixture
def vendors(define):
    with serving_vendors() as server:
        define(openai={"BASE_URL": server.url, "BACKOFF": 0.001, "MAX_BACKOFF": 0.001})
        yield server


async def requested(work):
    """Run a coroutine function in the span of a request."""

    async def app(scope, receive, send):
        scope["route"] = "/ask"
        await work()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def send(_):
        pass

    scope = {"type": "http", "method": "GET", "scheme": "https", "headers": []}
    async with open_clients():
        await asyncio.gather(ASGISpans(app)(scope, None, send))


def client(kind, http_client, vendors):
    return kind(api_key="secret", base_url=vendors.url, max_retries=0, http_client=http_client)


async def complete(vendors):
    async with httpx.AsyncClient(transport=UpstreamTransport("openai")) as library:
        made = client(openai.AsyncOpenAI, library, vendors)
        await made.chat.completions.create(model="m", messages=MESSAGES)


async def stream(vendors):
    async with httpx.AsyncClient(transport=UpstreamTransport("openai")) as library:
        made = client(openai.AsyncOpenAI, library, vendors)
        found = [
            part
            async for part in await made.chat.completions.create(model="m", messages=MESSAGES, stream=True)
        ]
        assert "".join(part.choices[0].delta.content or "" for part in found if part.choices) == "".join(
            WORDS
        )


async def complete_in_a_thread(vendors):
    def work():
        with httpx.Client(transport=UpstreamTransport("openai")) as library:
            made = client(openai.OpenAI, library, vendors)
            made.chat.completions.create(model="m", messages=MESSAGES)

    await sync_to_async(work)()


@pytest.mark.parametrize("work", [complete, stream, complete_in_a_thread])
async def test_one_client_span_has_the_path_and_is_a_child_of_the_request(spans, vendors, work):
    vendors.may_go_on.set()
    await requested(lambda: work(vendors))
    call, request = spans()
    assert (call.name, call.kind) == ("POST /chat/completions", SpanKind.CLIENT)
    assert call.parent.span_id == request.context.span_id
    assert call.attributes["url.template"] == "/chat/completions"
    assert call.attributes["service.peer.name"] == "openai"
    assert call.attributes["http.response.status_code"] == 200
    assert "secret" not in call.to_json()
    (traceparent,) = {headers["traceparent"] for _, _, headers in vendors.seen}
    assert traceparent.split("-")[1:3] == [f"{call.context.trace_id:032x}", f"{call.context.span_id:016x}"]


async def test_each_attempt_is_a_span_below_the_same_request(spans, vendors):
    vendors.may_go_on.set()
    vendors.statuses = [503]

    async def work():
        async with httpx.AsyncClient(transport=UpstreamTransport("openai", idempotent=True)) as library:
            made = client(openai.AsyncOpenAI, library, vendors)
            await made.chat.completions.create(model="m", messages=MESSAGES)

    await requested(work)
    first, second, request = spans()
    assert (first.status.status_code, first.attributes["error.type"]) == (StatusCode.ERROR, "503")
    assert second.attributes["http.request.resend_count"] == 1
    assert {first.parent.span_id, second.parent.span_id} == {request.context.span_id}
