"""What the page costs a service that nobody looks at: nothing, counted in calls of functions."""

import asyncio
import sys
from collections import Counter

from testproject.quotes import quotes
from upstreams.core import failed_calls

from contrib.upstreams_page.pages import EVENTS, URL


async def calls_of(work):
    """How often each function was called, of Python and of C; without what the loop did besides."""
    return min([await counted(work) for _ in range(5)], key=Counter.total)


async def counted(work):
    found = Counter()
    sys.setprofile(lambda frame, event, _: found.update([frame.f_code.co_qualname] * (event != "return")))
    try:
        await work()
    finally:
        sys.setprofile(None)
    return found


async def test_a_call_does_the_same_whether_failed_calls_are_kept_or_not(
    lifespan, upstream_mock, monkeypatch
):
    upstream_mock("quotes").get("random").json({"text": "a", "author": "b"})
    await quotes.random()
    kept = await calls_of(quotes.random)
    monkeypatch.setattr(failed_calls, "kept", None)
    assert await calls_of(quotes.random) == kept
    assert kept.total() > 50


async def test_after_the_last_looker_nothing_runs(aclient, operator):
    before = asyncio.all_tasks()
    await aclient.get(URL)
    assert asyncio.all_tasks() == before
    async with aclient.stream("GET", EVENTS) as response:
        await anext(response.aiter_lines())
    async with asyncio.timeout(10):
        while left := asyncio.all_tasks() - before:
            await asyncio.wait(left)
