"""The limits, the key and the headers that one call has of its own."""

import time
from uuid import UUID

import pytest
from testproject.quotes import quotes
from upstreams import UpstreamError, UpstreamStatusError, UpstreamTimeout
from upstreams.core import context, debugger
from upstreams.core.request_deadline import RequestDeadline

pytestmark = pytest.mark.usefixtures("lifespan")
QUICK = {"BACKOFF": 0.001, "MAX_BACKOFF": 0.001}
KEY = "9f1f6a5e-3f0b-4b43-9d0c-1f9f1a2b3c4d"


@pytest.fixture
def request_deadline():
    """The deadline of the request that makes the call: 100 ms from now."""
    token = context.deadline.set(RequestDeadline(0.1))
    yield
    context.deadline.reset(token)


def attempts(upstream_mock):
    return len(upstream_mock("quotes").requests)


@pytest.mark.upstreams(quotes={"TIMEOUT": 8})
async def test_a_shorter_time(upstream_mock):
    upstream_mock("quotes").get("random").fail("hang")
    with pytest.raises(UpstreamTimeout) as caught:
        await quotes.get("random", timeout=0.05)
    assert caught.value.limit == ("timeout", 0.05, "s")
    assert str(caught.value) == (
        "upstream quotes: GET random: no complete response within timeout, 0.05 s (1 attempt);"
        " raise timeout if the upstream is slow"
    )


@pytest.mark.upstreams(quotes={"TIMEOUT": 0.01, "CONNECT_TIMEOUT": 0.01, "QUEUE_TIMEOUT": 0.01})
async def test_a_longer_time(upstream_mock):
    deadlines = []

    async def note(request):
        deadlines.append(request.extensions["call"].deadline)

    upstream_mock("quotes").get("random").json({}).after(note)
    before = time.monotonic()
    await quotes.get("random", timeout=900)
    assert deadlines[0] >= before + 900


@pytest.mark.upstreams(quotes={"TIMEOUT": 8})
@pytest.mark.usefixtures("way")
async def test_no_time_is_longer_than_that_of_the_request(upstream_mock, request_deadline):
    upstream_mock("quotes").get("random").fail("hang")
    with pytest.raises(UpstreamTimeout) as caught:
        await quotes.get("random", timeout=60)
    assert caught.value.limit.key == 'UPSTREAMS_TIMEOUTS["REQUEST"]'


@pytest.mark.parametrize("left", [0, -1.5])
async def test_no_time_left_sends_nothing(upstream_mock, left):
    upstream_mock("quotes")
    with pytest.raises(UpstreamTimeout, match=f"nothing was sent, as its timeout is {left} s") as caught:
        await quotes.get("random", timeout=left)
    assert (attempts(upstream_mock), caught.value.limit) == (0, ("timeout", left, "s"))


async def test_a_debugger_takes_its_time(upstream_mock, monkeypatch):
    upstream_mock("quotes").get("random").json({})
    monkeypatch.setattr(debugger, "in_use", True)
    assert (await quotes.get("random", timeout=0)).json() == {}


@pytest.mark.upstreams(quotes={"TIMEOUT": 8})
async def test_the_time_of_a_stream_until_its_headers(upstream_mock):
    upstream_mock("quotes").get("random").fail("hang")
    with pytest.raises(UpstreamTimeout, match=r"within timeout, 0\.05 s"):
        async with quotes.stream("GET", "random", timeout=0.05):
            raise AssertionError


@pytest.mark.upstreams(quotes=QUICK)
@pytest.mark.parametrize("number", [1, 2, 4])  # the retry budget allows no more at once
@pytest.mark.usefixtures("way")
async def test_the_attempts(upstream_mock, number):
    upstream_mock("quotes").get("random").json({}, status=502)
    with pytest.raises(UpstreamStatusError) as caught:
        await quotes.get("random", attempts=number)
    assert (attempts(upstream_mock), caught.value.attempts) == (number, number)


@pytest.mark.upstreams(quotes=QUICK)
async def test_the_attempts_of_a_stream(upstream_mock):
    upstream_mock("quotes").get("random").json({}, status=502)
    with pytest.raises(UpstreamStatusError):
        async with quotes.stream("GET", "random", attempts=2):
            raise AssertionError
    assert attempts(upstream_mock) == 2


@pytest.mark.upstreams(quotes=QUICK)
async def test_the_next_call_has_the_limits_of_the_settings(upstream_mock):
    upstream_mock("quotes").get("random").json({}, status=502)
    for number in ({"attempts": 1}, {}):
        with pytest.raises(UpstreamError):
            await quotes.get("random", **number)
    assert attempts(upstream_mock) == 1 + 3


@pytest.mark.upstreams(quotes=QUICK)
@pytest.mark.parametrize("key", [KEY, UUID(KEY)])
async def test_an_idempotency_key_makes_a_post_safe_to_retry(upstream_mock, key):
    upstream_mock("quotes").post("orders").json({}, status=503, headers={"retry-after": "0"}).json({})
    await quotes.post("orders", json={}, idempotency_key=key, headers={"X-Tenant": "7"})
    sent = [
        (request.headers["Idempotency-Key"], request.headers["X-Tenant"])
        for request in upstream_mock("quotes").requests
    ]
    assert sent == [(KEY, "7")] * 2


@pytest.mark.upstreams(quotes=QUICK)
async def test_without_one_a_post_is_not_retried(upstream_mock):
    upstream_mock("quotes").post("orders").json({}, status=503, headers={"retry-after": "0"}).json({})
    with pytest.raises(UpstreamStatusError):
        await quotes.post("orders", json={}, attempts=5)
    assert attempts(upstream_mock) == 1


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ({"timeout": "3"}, "timeout must be a number of seconds, such as 2.5, not '3'"),
        ({"timeout": float("nan")}, "timeout must be a number of seconds, such as 2.5, not nan"),
        ({"timeout": float("inf")}, "timeout must be a number of seconds, such as 2.5, not inf"),
        ({"timeout": True}, "timeout must be a number of seconds, such as 2.5, not True"),
        ({"attempts": 0}, "attempts must be a whole number from 1 on, not 0"),
        ({"attempts": 2.0}, "attempts must be a whole number from 1 on, not 2.0"),
        ({"attempts": True}, "attempts must be a whole number from 1 on, not True"),
        ({"idempotency_key": ""}, "idempotency_key is empty; pass one value for each operation"),
    ],
)
async def test_a_wrong_limit_is_refused_in_one_sentence(upstream_mock, limits, sentence):
    upstream_mock("quotes")
    with pytest.raises(ValueError, match="upstream quotes: ") as caught:
        await quotes.get("random", **limits)
    assert str(caught.value) == f"upstream quotes: GET random: {sentence}"
