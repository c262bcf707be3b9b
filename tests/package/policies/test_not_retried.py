"""An error says why no other attempt followed, where one was allowed."""

import pytest
from testproject.quotes import quotes
from upstreams import UpstreamConnectionError, UpstreamStatusError

pytestmark = pytest.mark.usefixtures("lifespan")


async def failed(kind):
    """Return the message of a call."""
    with pytest.raises(kind) as caught:
        await quotes.random()
    return str(caught.value)


@pytest.fixture
def no_budget(monkeypatch, define):
    """Retries have no budget, not even the few that are always allowed."""
    monkeypatch.setattr("upstreams.policies.retry.RESERVED_RETRIES", 0.0)
    define(quotes={"RETRY_BUDGET": 0})


@pytest.mark.upstreams(quotes={"TIMEOUT": 60})
async def test_a_retry_after_that_is_too_long_is_named(upstream_mock):
    upstream_mock("quotes").get("random").content("", 503, {"Retry-After": "6000"})
    message = await failed(UpstreamStatusError)
    start = "upstream quotes: GET random: status 503 (1 attempt); not retried, as its Retry-After is 6000 s"
    assert message.startswith(f"{start} and the call has ")
    assert message.endswith(" s left")


@pytest.mark.upstreams(quotes={"TIMEOUT": 60, "BACKOFF": 1e6, "MAX_BACKOFF": 1e6})
async def test_time_that_is_used_up_is_named(upstream_mock, monkeypatch):
    monkeypatch.setattr("upstreams.policies.retry.uniform", lambda low, high: high)
    upstream_mock("quotes").get("random").fail("reset_before_first_byte")
    message = await failed(UpstreamConnectionError)
    assert "(1 attempt)" in message
    assert "; not retried, as the next attempt would be too late and the call has " in message


@pytest.mark.usefixtures("no_budget")
async def test_a_budget_that_is_used_up_is_named(upstream_mock):
    upstream_mock("quotes").get("random").fail("reset_before_first_byte")
    message = await failed(UpstreamConnectionError)
    assert message.endswith("; not retried, as RETRY_BUDGET is used up by other calls")


@pytest.mark.usefixtures("no_budget")
async def test_a_budget_is_named_for_a_status_too(upstream_mock):
    upstream_mock("quotes").get("random").content("", 502)
    message = await failed(UpstreamStatusError)
    assert message.endswith("status 502 (1 attempt); not retried, as RETRY_BUDGET is used up by other calls")


@pytest.mark.upstreams(quotes={"BACKOFF": 1e-6})
async def test_all_attempts_are_no_news(upstream_mock):
    upstream_mock("quotes").get("random").content("", 502)
    assert (await failed(UpstreamStatusError)).endswith("status 502 (3 attempts)")
