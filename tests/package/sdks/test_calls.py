"""The requests of an SDK are calls of their upstream: its policies, its headers, its metrics, its errors."""

import pytest
from prometheus_client import REGISTRY
from upstreams import UpstreamTransport
from upstreams.core import context
from upstreams.core.httpx import httpx
from upstreams.core.request_deadline import RequestDeadline

pytestmark = pytest.mark.usefixtures("lifespan")
QUICK = {"BACKOFF": 0.001, "MAX_BACKOFF": 0.001}


def sent(upstream_mock):
    return upstream_mock("quotes").requests


def calls(outcome):
    return REGISTRY.get_sample_value("upstream_calls_total", {"alias": "quotes", "outcome": outcome}) or 0


@pytest.mark.upstreams(quotes=QUICK)
async def test_a_get_is_retried(clients, upstream_mock):
    upstream_mock("quotes").get("items").json({}, status=503, headers={"retry-after": "0"}).fail(
        "reset_before_first_byte"
    ).json({"name": "pen"})
    assert (await clients.send("GET", "items")).json() == {"name": "pen"}
    assert len(sent(upstream_mock)) == 3


@pytest.mark.upstreams(quotes=QUICK)
async def test_a_body_of_text_that_was_cut_is_asked_for_again(clients, upstream_mock):
    upstream_mock("quotes").get("items").fail("reset_in_body").json({"name": "pen"})
    assert (await clients.send("GET", "items")).json() == {"name": "pen"}


@pytest.mark.upstreams(quotes=QUICK)
@pytest.mark.parametrize(("idempotent", "status"), [(False, 503), (True, 200)])
async def test_a_post_is_retried_only_where_it_may_be(upstream_mock, idempotent, status):
    upstream_mock("quotes").post("items").json({}, status=503, headers={"retry-after": "0"}).json({})
    transport = UpstreamTransport("quotes", idempotent=idempotent)
    async with httpx.AsyncClient(transport=transport) as client:
        response = await client.post("http://quotes.test/v1/items", json={})
    keys = [request.headers.get("Idempotency-Key") for request in sent(upstream_mock)]
    assert response.status_code == status
    assert len(set(keys)) == 1
    assert (keys[0] is not None) == idempotent


async def test_a_key_of_the_sdk_stays(upstream_mock):
    upstream_mock("quotes").post("items").json({})
    async with httpx.AsyncClient(transport=UpstreamTransport("quotes", idempotent=True)) as client:
        await client.post("http://quotes.test/v1/items", headers={"Idempotency-Key": "mine"})
    assert sent(upstream_mock)[0].headers.get_list("Idempotency-Key") == ["mine"]


async def test_a_call_ends_with_the_request_that_makes_it(clients, upstream_mock):
    upstream_mock("quotes").get("items").fail("hang")
    token = context.deadline.set(RequestDeadline(0.1))
    with pytest.raises(clients.library.ReadTimeout, match=r'UPSTREAMS_TIMEOUTS\["REQUEST"\]'):
        await clients.send("GET", "items")
    context.deadline.reset(token)


@pytest.mark.upstreams(quotes={"TIMEOUT": 8})
async def test_a_shorter_timeout_of_the_sdk_holds(clients, upstream_mock):
    upstream_mock("quotes").get("items").fail("hang")
    with pytest.raises(clients.library.ReadTimeout, match=r"within timeout, 0\.05 s"):
        await clients.send("GET", "items", timeout=0.05)


@pytest.mark.upstreams(quotes={"TIMEOUT": 0.05, "CONNECT_TIMEOUT": 0.05, "QUEUE_TIMEOUT": 0.05})
async def test_a_longer_one_does_not(clients, upstream_mock):
    upstream_mock("quotes").get("items").fail("hang")
    with pytest.raises(clients.library.ReadTimeout, match=r"within TIMEOUT, 0\.05 s"):
        await clients.send("GET", "items", timeout=20)


@pytest.mark.upstreams(quotes={"MAX_ATTEMPTS": 1, "BREAKER_MINIMUM_CALLS": 1, "BREAKER_OPEN_TIME": 5})
async def test_an_open_circuit_sends_nothing(clients, upstream_mock):
    upstream_mock("quotes").get("items").json({}, status=500)
    assert (await clients.send("GET", "items")).status_code == 500
    with pytest.raises(clients.library.ConnectError, match="the circuit breaker is open"):
        await clients.send("GET", "items")
    assert len(sent(upstream_mock)) == 1


@pytest.mark.upstreams(quotes={"MAX_ATTEMPTS": 1})
@pytest.mark.parametrize(
    ("failure", "name"),
    [
        ("refused", "ConnectError"),
        ("reset_before_first_byte", "ReadError"),
        ("reset_in_body", "ReadError"),
        ("not_http", "RemoteProtocolError"),
    ],
)
async def test_a_failure_is_one_of_the_library_with_ours_as_its_cause(clients, upstream_mock, failure, name):
    upstream_mock("quotes").get("items").fail(failure)
    with pytest.raises(getattr(clients.library, name)) as caught:
        await clients.send("GET", "items")
    assert str(caught.value) == str(caught.value.__cause__)
    assert caught.value.__cause__.alias == "quotes"
    assert isinstance(caught.value.request, clients.library.Request)


@pytest.mark.upstreams(quotes={"MAX_RESPONSE_SIZE": 10})
async def test_the_size_of_text_is_limited(clients, upstream_mock):
    upstream_mock("quotes").get("items").content("x" * 11, headers={"content-type": "text/plain"})
    with pytest.raises(clients.library.ReadError, match="larger than MAX_RESPONSE_SIZE"):
        await clients.send("GET", "items")


@pytest.mark.upstreams(
    quotes={"HEADERS": {"X-Api-Key": "k", "X-A": "settings"}, "AUTH": {"BEARER": "secret"}}
)
async def test_the_headers_of_the_settings_are_added_and_auth_replaces_that_of_the_sdk(
    clients, upstream_mock
):
    upstream_mock("quotes").get("items").json({})
    token = context.request_id.set("r-1")
    await clients.send("GET", "items", headers={"Authorization": "Bearer sdk", "X-A": "sdk"})
    context.request_id.reset(token)
    headers = sent(upstream_mock)[0].headers
    found = [headers.get_list(name) for name in ("X-Api-Key", "X-A", "Authorization", "X-Request-ID", "Host")]
    assert found == [["k"], ["sdk"], ["Bearer secret"], ["r-1"], ["quotes.test"]]
    assert "Connection" not in headers


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("chat/completions", "chat/completions"),
        ("v1beta2/vector_stores/vs_7f/file_batches", "v1beta2/vector_stores/{id}/file_batches"),
        ("customers/a@example.com", "customers/{id}"),
        ("models/Claude:count-tokens", "models/{id}"),
    ],
)
@pytest.mark.upstreams(quotes={"MAX_ATTEMPTS": 1})
async def test_an_error_shows_no_id_of_a_path(clients, upstream_mock, path, shown):
    upstream_mock("quotes").get(path).fail("refused")
    with pytest.raises(clients.library.ConnectError) as caught:
        await clients.send("GET", f"{path}?token=secret")
    assert str(caught.value) == f"upstream quotes: GET {shown}: scripted: refused (1 attempt)"


@pytest.mark.upstreams(quotes={"MAX_ATTEMPTS": 1})
@pytest.mark.parametrize(("status", "outcome"), [(200, "ok"), (429, "UpstreamStatusError")])
async def test_a_response_counts_as_that_of_another_call(clients, upstream_mock, status, outcome):
    upstream_mock("quotes").get("items").json({}, status=status)
    before = calls(outcome)
    await clients.send("GET", "items")
    assert calls(outcome) == before + 1


@pytest.mark.upstreams(quotes={"MAX_ATTEMPTS": 1})
async def test_a_failure_counts_as_that_of_another_call(clients, upstream_mock):
    upstream_mock("quotes").get("items").fail("refused")
    before = calls("UpstreamConnectionError")
    with pytest.raises(clients.library.ConnectError):
        await clients.send("GET", "items")
    assert calls("UpstreamConnectionError") == before + 1
