"""The owning loop of processes that have none."""

import asyncio
import sys
import threading
import types

import pytest
from asgiref.sync import async_to_sync

from services import UpstreamClosing
from services.core import portal
from services.core.errors import StartupFailed
from tests.quotes import quotes

QUOTE = {"text": "a", "author": "b"}


def test_without_an_owner_the_portal_opens_once(wire):
    wire("quotes").get("random").json(QUOTE)
    assert [async_to_sync(quotes.random)().author for _ in range(2)] == ["b", "b"]
    assert [asyncio.run(quotes.random()).author for _ in range(2)] == ["b", "b"]
    portal.close()
    assert wire("quotes").events == ["opened", "closed"]


def test_a_portal_that_failed_to_open_is_tried_again(wire, monkeypatch):
    async def fails():
        raise OSError("not yet")

    wire("quotes").get("random").json(QUOTE)
    with monkeypatch.context() as patched:
        patched.setattr(quotes, "on_open", fails)
        with pytest.raises(StartupFailed, match="upstream quotes: on_open failed: OSError"):
            async_to_sync(quotes.random)()
    assert async_to_sync(quotes.random)().author == "b"


def test_a_portal_that_was_told_to_exit_fails_its_callers(wire, monkeypatch):
    async def exits():
        sys.exit("no model")

    monkeypatch.setattr(quotes, "on_open", exits)
    with pytest.raises(RuntimeError, match=r"the upstreams did not open: SystemExit\('no model'\)"):
        async_to_sync(quotes.random)()


def test_a_caller_that_gives_up_while_it_opens_disturbs_nobody(wire, monkeypatch):
    async def opens_slowly():
        await asyncio.sleep(0.1)

    async def give_up_and_come_back():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await quotes.random()
        return await quotes.random()

    monkeypatch.setattr(quotes, "on_open", opens_slowly)
    wire("quotes").get("random").json(QUOTE)
    assert asyncio.run(give_up_and_come_back()).author == "b"


def test_no_thread_waits_for_a_loop_that_has_ended(wire):
    wire("quotes").get("random").json(QUOTE)
    outcomes = []

    def call():
        try:
            outcomes.append(async_to_sync(quotes.random)().author)
        except UpstreamClosing:
            outcomes.append("closing")

    for _ in range(20):
        threads = [threading.Thread(target=call) for _ in range(6)]
        for thread in threads:
            thread.start()
        portal.close()
        for thread in threads:
            thread.join(10)
    assert len(outcomes) == 120
    assert set(outcomes) <= {"b", "closing"}


def test_a_process_patched_by_gevent_is_refused(wire, monkeypatch):
    monkey = types.SimpleNamespace(is_module_patched=lambda name: name == "threading")
    monkeypatch.setitem(sys.modules, "gevent.monkey", monkey)
    with pytest.raises(StartupFailed, match="gevent has patched this process"):
        async_to_sync(quotes.random)()
