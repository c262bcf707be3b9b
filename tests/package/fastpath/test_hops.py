"""What one request costs, exactly. These figures may only fall."""

import gc
import logging
import re
import sys
from collections import Counter

import pytest
from testproject.asgi import application
from testproject.driver import Client

NEWTON = {"text": "What we know is a drop.", "author": "Isaac Newton"}
REQUEST = {"path": "/quotes/random", "headers": [(b"host", b"testserver")]}
CALLS = 279
"""Python functions entered or resumed for one request with one upstream call, in all layers and policies.

On Python 3.12 with httpx; newer ones and httpx2 take up to six less.
"""
OTHERS = re.compile(r"/_pytest/|/testing/|/tests/|/asyncio/|/asgi/(garbage_watch|process_memory)\.py")
"""Not counted: the tests, the loop, which compares its timers more often or less, and what runs once in 10 ms."""


@pytest.fixture(autouse=True)
def urls():
    """Of the test project, not of this folder."""


@pytest.fixture
async def ask(lifespan, upstream_mock, monkeypatch):
    """Asks for a quote; by then, everything that happens once has happened."""
    mock = upstream_mock("quotes")
    mock.get("random").json(NEWTON)
    mock.uses_schema = False  # to look for one is no cost of a request
    root = logging.getLogger()

    async def ask():
        ours = [handler for handler in root.handlers if not type(handler).__module__.startswith("_pytest")]
        monkeypatch.setattr(root, "handlers", ours)
        return await Client().ask(application, **REQUEST)

    await ask()
    await ask()
    return ask


async def test_a_request_gives_no_work_to_threads(ask, thread_switches):
    assert (await ask(), thread_switches) == (200, [])


async def test_nor_does_one_whose_upstream_fails(upstream_mock, ask, thread_switches):
    upstream_mock("quotes").get("random").responses.clear()
    upstream_mock("quotes").get("random").json({}, 404)
    assert (await ask(), thread_switches) == (502, [])


async def test_a_request_leaves_nothing_to_the_garbage_collector(ask):
    gc.collect()
    gc.disable()
    try:
        await ask()
        assert gc.collect() == 0
    finally:
        gc.enable()


async def test_a_request_takes_no_more_calls_than_it_did(ask):
    counts = []
    for _ in range(3):  # the least: what the clock or the garbage collector brings is not in all of them
        calls = []
        sys.setprofile(
            lambda frame, event, _, calls=calls: (
                calls.append(frame.f_code.co_filename) if event == "call" else None
            )
        )
        try:
            await ask()
        finally:
            sys.setprofile(None)
        counts.append(Counter(file for file in calls if not OTHERS.search(file)))
    least = min(counts, key=Counter.total)
    assert least.total() <= CALLS, least
