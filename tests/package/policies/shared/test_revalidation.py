"""Stale responses while a new one is fetched in the background (RFC 5861), in memory and in Redis."""

import asyncio
import logging

import pytest
from testproject.quotes import quotes
from upstreams import (
    UpstreamError,
    open_clients,
    spawn,
)

from policies.shared.old import LATER, QUICK, background, is_stale, old


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
