"""Stale responses instead of errors, and while a new one is fetched (RFC 5861), in memory and in Redis."""

import asyncio
import logging
import time
from email.utils import formatdate

import pytest
from testproject.quotes import quotes
from upstreams import (
    UpstreamCertificateError,
    UpstreamConnectionError,
    UpstreamError,
    UpstreamStatusError,
    open_clients,
    spawn,
)
from upstreams.clients import registry
from upstreams.core.call import Call
from upstreams.core.definition import parse
from upstreams.core.metrics import CACHED
from upstreams.policies.staleness import Windows, find_stale, keep_for, lifetime, windows

AGE = 100
IF_ERROR = "public, max-age=10, stale-if-error=3600"
LATER = "public, max-age=10, stale-while-revalidate=3600"
QUICK = {"TIMEOUT": 0.6, "CONNECT_TIMEOUT": 0.1, "QUEUE_TIMEOUT": 0.1, "MAX_ATTEMPTS": 1}


def old(control, **more):
    """The headers of a response that is 100 seconds old."""
    return {"cache-control": control, "date": formatdate(time.time() - AGE, usegmt=True), **more}


def background():
    return registry.clients_by_loop[asyncio.get_running_loop()].background


async def is_stale():
    response = await quotes.get("random")
    assert response.text == "old"
    assert AGE <= int(response.headers["age"]) <= AGE + 5
    return response.extensions["cache"] == "stale"


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


class Gate:
    """Holds what comes after the first request."""

    def __init__(self):
        self.asked = 0
        self.go = asyncio.Event()

    async def wait(self, request):
        self.asked += 1
        if self.asked > 1:
            await self.go.wait()

    async def second(self):
        async with asyncio.timeout(10):
            while self.asked < 2:
                await asyncio.sleep(0)


@pytest.fixture
def gate(upstream_mock):
    gate = Gate()
    route = upstream_mock("quotes").get("random").after(gate.wait)
    route.content("old", headers=old(LATER)).content("new", headers={"cache-control": "public, max-age=60"})
    return gate


async def test_a_stale_response_is_returned_while_one_request_fetches_a_new_one(gate, keep):
    keep(quotes={})
    async with open_clients():
        await quotes.get("random")
        assert [await is_stale() for _ in range(5)] == [True] * 5
        await gate.second()
        assert await is_stale()
        gate.go.set()
        await background().wait_until_idle()
        assert (await quotes.get("random")).text == "new"
    assert gate.asked == 2


async def test_the_new_one_does_not_end_with_the_request_that_was_first(gate, keep):
    keep(quotes={})

    async def request():
        assert await is_stale()
        await gate.second()
        raise asyncio.CancelledError  # its client has left

    async with open_clients():
        await quotes.get("random")
        await asyncio.wait([asyncio.create_task(request())])
        gate.go.set()
        await background().wait_until_idle()
        assert (await quotes.get("random")).text == "new"


async def test_closing_waits_for_the_new_one(gate, keep):
    keep(quotes={})

    async def go_when_closing():
        while not owner._closing:
            await asyncio.sleep(0)
        gate.go.set()
        closing.append(True)

    closing = []
    async with open_clients():
        owner = background()
        await quotes.get("random")
        assert await is_stale()
        await gate.second()
        going = asyncio.create_task(go_when_closing())
    assert closing
    assert not owner._tasks
    await going


async def test_too_many_background_tasks_leave_it_to_a_later_call(gate, keep, settings):
    settings.UPSTREAMS_LIMITS = {**settings.UPSTREAMS_LIMITS, "MAX_BACKGROUND_TASKS": 1}
    keep(quotes={})
    gate.go.set()
    async with open_clients():
        await quotes.get("random")
        ended = asyncio.Event()
        spawn(ended.wait())
        assert await is_stale()
        ended.set()
        await background().wait_until_idle()
        assert gate.asked == 1
        assert await is_stale()
        await background().wait_until_idle()
        assert (await quotes.get("random")).text == "new"


async def test_a_fetch_that_fails_is_silent_and_made_again(upstream_mock, keep, caplog):
    route = upstream_mock("quotes").get("random").content("old", headers=old(LATER))
    route.fail("refused").content("new", headers={"cache-control": "public, max-age=60"})
    keep(quotes=QUICK)
    async with open_clients():
        await quotes.get("random")
        for _ in range(2):
            assert await is_stale()
            await background().wait_until_idle()
        assert (await quotes.get("random")).text == "new"
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_fetch_that_hangs_ends_with_the_timeout(upstream_mock, keep):
    upstream_mock("quotes").get("random").content("old", headers=old(LATER)).fail("hang")
    keep(quotes=QUICK)
    async with open_clients():
        await quotes.get("random")
        assert await is_stale()
        async with asyncio.timeout(5):
            await background().wait_until_idle()
        assert await is_stale()


@pytest.mark.parametrize(
    "asked", [{"Cache-Control": "no-cache"}, {"Cache-Control": "max-age=0"}, {"Pragma": "no-cache"}]
)
async def test_who_asks_for_a_fresh_one_gets_nothing_stale(upstream_mock, keep, asked):
    route = upstream_mock("quotes").get("random").content("old", headers=old(f"{LATER}, stale-if-error=3600"))
    route.fail("refused")
    keep(quotes=QUICK)
    async with open_clients():
        await quotes.get("random", headers=asked)
        with pytest.raises(UpstreamError):
            await quotes.get("random", headers=asked)


DEFAULTS = Windows(if_error=5, while_revalidate=7)


@pytest.mark.parametrize(
    ("control", "expected"),
    [
        ("max-age=1", (5, 7)),
        ("max-age=1, stale-if-error=2", (2, 7)),
        ('max-age=1, Stale-If-Error="2", stale-while-revalidate=3', (2, 3)),
        ("s-maxage=1", (0, 0)),
        ("s-maxage=1, stale-while-revalidate=59", (0, 59)),
        ("max-age=1, must-revalidate, stale-if-error=2", (0, 0)),
        ("max-age=1, stale-if-error=-2, stale-while-revalidate=x", (0, 0)),
        ("max-age=1, stale-if-error=99999999999", (604800, 7)),
    ],
)
def test_for_how_long_a_response_may_be_stale(control, expected):
    found = windows({"cache-control": control}, DEFAULTS)
    assert (found.if_error, found.while_revalidate) == expected


DATE = "Mon, 01 Jan 2024 00:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "max-age=10, s-maxage=20"}, 20),
        ({"cache-control": "max-age=10", "date": DATE, "expires": DATE}, 10),
        ({"date": DATE, "expires": "Mon, 01 Jan 2024 00:01:00 GMT"}, 60),
        ({"date": DATE, "expires": "0", "last-modified": "Sun, 31 Dec 2023 00:00:00 GMT"}, 0),
        ({"date": DATE, "last-modified": "Sun, 31 Dec 2023 23:00:00 GMT"}, 360),
        ({"date": "Mon, 01 Jan 99999 00:00:00 GMT", "expires": DATE}, 0),
        ({}, 0),
    ],
)
def test_for_how_long_a_response_is_fresh(headers, seconds):
    assert lifetime(headers) == seconds


def test_nothing_is_kept_for_more_than_a_week():
    assert keep_for({"cache-control": "max-age=9999999999", "etag": "1"}, Windows()) == 7 * 24 * 3600
    assert find_stale([], {}, DEFAULTS) is None


@pytest.mark.parametrize("key", ["CACHE_STALE_IF_ERROR", "CACHE_STALE_WHILE_REVALIDATE"])
def test_the_keys_need_a_cache(key):
    _, problems = parse({"quotes": {"BASE_URL": "https://a.test", key: 60}})
    assert problems == [
        f'UPSTREAMS["quotes"]["{key}"]: has no effect without CACHE; write "CACHE": True, too'
    ]
