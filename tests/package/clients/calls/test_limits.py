"""An error names the limit that the call has hit, with its key, its value and the attempts made."""

import asyncio
import pickle

import pytest
from testproject.quotes import quotes
from upstreams import UpstreamConnectionError, UpstreamError, UpstreamStatusError, UpstreamTimeout
from upstreams.core import context
from upstreams.core.cancel_scope import CancelScope
from upstreams.core.request_deadline import RequestDeadline
from upstreams.testing.loopback import http_response

pytestmark = pytest.mark.usefixtures("lifespan")
QUICK = {"BACKOFF": 0.001, "MAX_BACKOFF": 0.001}


async def failure():
    with pytest.raises(UpstreamError) as caught:
        await quotes.random()
    return caught.value


@pytest.mark.upstreams(quotes={**QUICK, "ATTEMPT_TIMEOUT": 0.05})
async def test_the_attempt(upstream_mock):
    upstream_mock("quotes").get("random").fail("hang")
    error = await failure()
    assert (error.limit, error.attempts) == (("ATTEMPT_TIMEOUT", 0.05, "s"), 3)
    assert str(error) == (
        "upstream quotes: GET random: no response within ATTEMPT_TIMEOUT, 0.05 s (3 attempts);"
        " raise ATTEMPT_TIMEOUT if the upstream is slow"
    )


@pytest.mark.upstreams(quotes={"TIMEOUT": 8})
async def test_a_timeout_alone_leaves_an_attempt_all_its_time(upstream_mock, monkeypatch):
    limits = []
    enter = CancelScope.__enter__

    def entered(scope):
        limits.append(scope._seconds)
        return enter(scope)

    monkeypatch.setattr(CancelScope, "__enter__", entered)
    upstream_mock("quotes").get("random").json({"text": "a", "author": "b"})
    await quotes.random()
    assert limits == [None]  # that of the call, whose timer is shared


@pytest.mark.upstreams(quotes={"TIMEOUT": 0.2})
async def test_the_call(upstream_mock):
    upstream_mock("quotes").get("random").fail("hang")
    error = await failure()
    assert (error.limit, error.attempts) == (("TIMEOUT", 0.2, "s"), 1)
    assert "no complete response within TIMEOUT, 0.2 s (1 attempt); raise TIMEOUT" in str(error)


@pytest.mark.parametrize("left", [0.5, -1])
async def test_the_request_that_makes_the_call(upstream_mock, left):
    upstream_mock("quotes").get("random").fail("hang")
    token = context.deadline.set(RequestDeadline(left))
    error = await failure()
    context.deadline.reset(token)
    assert (type(error), error.limit.key) == (UpstreamTimeout, 'UPSTREAMS_TIMEOUTS["REQUEST"]')
    assert 'UPSTREAMS_TIMEOUTS["REQUEST"]' in str(error)


@pytest.mark.upstreams(quotes={"MAX_RESPONSE_SIZE": 10})
async def test_the_size_of_a_response(upstream_mock):
    upstream_mock("quotes").get("random").content("x" * 11)
    error = await failure()
    assert error.limit == ("MAX_RESPONSE_SIZE", 10, "bytes")
    assert "the body is larger than MAX_RESPONSE_SIZE, 10 bytes (1 attempt); stream it" in str(error)


@pytest.mark.upstreams(quotes={"MAX_RESPONSE_SIZE": 10})
async def test_the_size_of_a_response_that_arrives_at_once(loopback):
    loopback.on("/random", http_response(b"x" * 11))
    assert (await failure()).limit == ("MAX_RESPONSE_SIZE", 10, "bytes")


@pytest.mark.upstreams(quotes={"MAX_RESPONSE_SIZE": 10})
async def test_a_response_that_has_this_size_is_read(loopback):
    loopback.on("/random", http_response(b"x" * 10))
    response = await quotes.get("random")
    assert response.content == response.read() == b"x" * 10


@pytest.mark.upstreams(quotes={"RATE_LIMIT": 0.01})
async def test_the_rate(upstream_mock):
    upstream_mock("quotes").get("random").json({"text": "a", "author": "b"})
    await quotes.random()
    error = await failure()
    assert error.limit == ("RATE_LIMIT", 0.01, "calls per second")
    assert "RATE_LIMIT, 0.01 calls per second, is used up" in str(error)


@pytest.mark.parametrize(
    ("name", "limit"), [("waiting", ("QUEUE_TIMEOUT", 0.05, "s")), ("full", ("QUEUE_SIZE", 0, "calls"))]
)
@pytest.mark.upstreams(quotes={"MAX_CONNECTIONS": 1, "QUEUE_TIMEOUT": 0.05})
async def test_the_queue(upstream_mock, define, name, limit):
    if name == "full":
        define(quotes={"MAX_CONNECTIONS": 1, "QUEUE_SIZE": 0})
    arrived = asyncio.Event()

    async def arrive(_):
        arrived.set()

    upstream_mock("quotes").get("random").after(arrive).fail("hang")
    first = asyncio.create_task(quotes.random())
    await arrived.wait()
    error = await failure()
    first.cancel()
    await asyncio.wait([first])
    assert (error.limit, error.limit.key in str(error)) == (limit, True)


OPEN = {**QUICK, "MAX_ATTEMPTS": 1, "BREAKER_OPEN_TIME": 5}


@pytest.mark.upstreams(quotes={**OPEN, "BREAKER_MINIMUM_CALLS": 2})
async def test_the_circuit_breaker(upstream_mock):
    upstream_mock("quotes").get("random").content("", 500)
    for _ in range(2):
        await failure()
    error = await failure()
    assert (error.limit.key, 2.5 <= error.retry_after <= 5) == ("BREAKER_FAILURE_RATIO", True)
    assert (
        "the circuit breaker is open: 2 of 2 calls failed (BREAKER_FAILURE_RATIO, 0.5 of the calls);"
        f" retry in {error.retry_after:.2g} s"
    ) in str(error)


@pytest.mark.upstreams(quotes={**OPEN, "BREAKER_CONNECT_FAILURES": 2})
async def test_calls_in_a_row_without_a_connection(upstream_mock):
    upstream_mock("quotes").get("random").fail("refused")
    for _ in range(2):
        await failure()
    error = await failure()
    assert (error.limit, error.status) == (("BREAKER_CONNECT_FAILURES", 2, "calls"), 503)
    assert "open: the last 2 calls got no connection (BREAKER_CONNECT_FAILURES, 2 calls);" in str(error)


@pytest.mark.upstreams(quotes=QUICK)
@pytest.mark.parametrize(
    ("how", "kind"), [("refused", UpstreamConnectionError), (503, UpstreamStatusError)], ids=str
)
async def test_a_failure_without_a_limit_has_its_attempts(upstream_mock, how, kind):
    route = upstream_mock("quotes").get("random")
    route.fail(how) if isinstance(how, str) else route.content("", how, {"Retry-After": "0"})
    error = await failure()
    assert (type(error), error.limit, error.attempts) == (kind, None, 3)
    assert str(error).endswith(" (3 attempts)")


@pytest.mark.upstreams(quotes={**QUICK, "ATTEMPT_TIMEOUT": 0.05})
async def test_a_pickled_error_keeps_its_limit(upstream_mock):
    upstream_mock("quotes").get("random").fail("hang")
    error = pickle.loads(pickle.dumps(await failure()))
    assert (error.limit.key, error.attempts) == ("ATTEMPT_TIMEOUT", 3)


TOKEN = {"TOKEN_URL": "https://id.test/token", "CLIENT_ID": "id", "CLIENT_SECRET": "secret"}


@pytest.mark.upstreams(quotes={**QUICK, "AUTH": {"OAUTH2": TOKEN}})
async def test_attempts_that_got_no_token_count(upstream_mock):
    upstream_mock("quotes").post("https://id.test/token").fail("refused")
    error = await failure()
    assert (str(error), error.attempts) == (
        "upstream quotes: POST (token): scripted: refused (3 attempts)",
        3,
    )
