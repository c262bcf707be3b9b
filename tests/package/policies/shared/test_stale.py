"""Stale responses instead of errors (RFC 5861), in memory and in Redis."""

import time
from email.utils import formatdate

import pytest
from testproject.quotes import quotes
from upstreams import (
    UpstreamCertificateError,
    UpstreamConnectionError,
    UpstreamStatusError,
    open_clients,
)
from upstreams.core.call import Call
from upstreams.core.metrics import CACHED

from policies.shared.old import IF_ERROR, QUICK, is_stale, old

FAILURES = ["refused", "reset_before_first_byte", "reset_in_body", "not_http", "hang", 500, 502, 503, 504]


def failing(route, failure):
    return route.content("failed", failure) if isinstance(failure, int) else route.fail(failure)


@pytest.mark.parametrize("failure", FAILURES)
async def test_a_stale_response_replaces_an_error(upstream_mock, keep, failure):
    failing(upstream_mock("quotes").get("random").content("old", headers=old(IF_ERROR)), failure)
    keep(quotes=QUICK)
    counter = CACHED.labels("quotes", "stale")._value
    before = counter.get()
    async with open_clients():
        await quotes.get("random")
        assert await is_stale()
        assert await is_stale()  # the failure is not kept, nor ends it what is
    assert counter.get() - before == 2
    assert len(upstream_mock("quotes").requests) == 3  # the upstream is asked each time


async def test_it_does_not_hide_a_certificate_that_is_not_valid(upstream_mock, keep):
    async def wait(request):
        if len(upstream_mock("quotes").requests) > 1:
            raise UpstreamCertificateError("of another host", call=Call.of(request), phase="connect")

    upstream_mock("quotes").get("random").after(wait).content("old", headers=old(IF_ERROR))
    keep(quotes=QUICK)
    async with open_clients():
        await quotes.get("random")
        with pytest.raises(UpstreamCertificateError):
            await quotes.get("random")


async def test_it_replaces_the_error_of_an_open_circuit(upstream_mock, keep):
    upstream_mock("quotes").get("random").content("old", headers=old(IF_ERROR)).fail("refused")
    keep(quotes={**QUICK, "BREAKER_CONNECT_FAILURES": 1, "BREAKER_OPEN_TIME": 5})
    async with open_clients():
        await quotes.get("random")
        assert await is_stale()
        asked = len(upstream_mock("quotes").requests)
        assert await is_stale()
        assert len(upstream_mock("quotes").requests) == asked


async def test_it_replaces_the_error_of_a_rate_that_is_used_up(upstream_mock, keep):
    upstream_mock("quotes").get("random").content("old", headers=old(IF_ERROR))
    keep(quotes={**QUICK, "RATE_LIMIT": 0.1})
    async with open_clients():
        await quotes.get("random")
        assert await is_stale()


async def test_the_key_is_for_responses_that_say_nothing(upstream_mock, keep):
    upstream_mock("quotes").get("random").content("old", headers=old("public, max-age=10")).fail("refused")
    keep(quotes={**QUICK, "CACHE_STALE_IF_ERROR": 3600})
    async with open_clients():
        await quotes.get("random")
        assert await is_stale()


async def test_a_response_of_a_clock_that_is_ahead_is_not_stale_and_allowed(upstream_mock, keep):
    ahead = formatdate(time.time() + 100, usegmt=True)
    headers = {"cache-control": "public, max-age=0", "date": ahead}
    upstream_mock("quotes").get("random").content("old", headers=headers).fail("refused")
    keep(quotes=QUICK)
    async with open_clients():
        await quotes.get("random")
        with pytest.raises(UpstreamConnectionError):
            await quotes.get("random")


FORBIDDEN = [
    "public, max-age=10",
    "public, max-age=10, stale-if-error=50",  # over since 40 seconds
    "max-age=10, must-revalidate, stale-if-error=3600",
    "public, max-age=10, no-cache, stale-if-error=3600",
]


@pytest.mark.parametrize("control", FORBIDDEN)
async def test_an_error_stays_one_where_nothing_stale_is_allowed(upstream_mock, keep, control):
    upstream_mock("quotes").get("random").content("old", headers=old(control)).fail("refused")
    keep(quotes=QUICK)
    async with open_clients():
        await quotes.get("random")
        with pytest.raises(UpstreamConnectionError):
            await quotes.get("random")


@pytest.mark.parametrize("status", [401, 404, 410, 429])
async def test_a_status_that_is_an_answer_is_not_replaced(upstream_mock, keep, status):
    upstream_mock("quotes").get("random").content("old", headers=old(IF_ERROR)).content("", status)
    keep(quotes=QUICK)
    async with open_clients():
        await quotes.get("random")
        with pytest.raises(UpstreamStatusError, match=str(status)):
            await quotes.get("random")


async def test_nothing_stale_is_returned_after_a_write(upstream_mock, keep):
    upstream_mock("quotes").get("random").content("old", headers=old(IF_ERROR)).fail("refused")
    upstream_mock("quotes").post("random").content("")
    keep(quotes=QUICK)
    async with open_clients():
        await quotes.get("random")
        await quotes.post("random")
        with pytest.raises(UpstreamConnectionError):
            await quotes.get("random")


async def test_nobody_gets_the_stale_response_of_another(upstream_mock, keep):
    upstream_mock("quotes").get("random").content("old", headers=old(IF_ERROR)).fail("refused")
    keep(quotes=QUICK)
    async with open_clients():
        await quotes.get("random", headers={"Cookie": "alice"})
        with pytest.raises(UpstreamConnectionError):
            await quotes.get("random", headers={"Cookie": "bob"})
        with pytest.raises(UpstreamConnectionError):
            await quotes.using(auth={"BEARER": "b"}).get("random", headers={"Cookie": "alice"})
