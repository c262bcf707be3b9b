"""The owning loop of processes that have none."""

import asyncio
import sys
import threading
import types

import pytest
from asgiref.sync import async_to_sync
from testproject.quotes import quotes
from upstreams import UpstreamClosed
from upstreams.clients import pools, portal
from upstreams.clients.request_builder import build_request
from upstreams.core.call import Call
from upstreams.core.errors import StartupFailed

QUOTE = {"text": "a", "author": "b"}


def test_without_an_owner_the_portal_opens_once(upstream_mock):
    upstream_mock("quotes").get("random").json(QUOTE)
    assert [async_to_sync(quotes.random)().author for _ in range(2)] == ["b", "b"]
    assert [asyncio.run(quotes.random()).author for _ in range(2)] == ["b", "b"]
    portal.close()
    assert upstream_mock("quotes").events == ["opened", "closed"]


def test_a_portal_that_failed_to_open_is_tried_again(upstream_mock, monkeypatch):
    async def fails():
        raise OSError("not yet")

    upstream_mock("quotes").get("random").json(QUOTE)
    with monkeypatch.context() as patched:
        patched.setattr(quotes, "on_startup", fails)
        with pytest.raises(StartupFailed, match="upstream quotes: on_startup failed: OSError"):
            async_to_sync(quotes.random)()
    assert async_to_sync(quotes.random)().author == "b"


def test_a_portal_that_was_told_to_exit_fails_its_callers(upstream_mock, monkeypatch):
    async def exits():
        sys.exit("no model")

    monkeypatch.setattr(quotes, "on_startup", exits)
    with pytest.raises(RuntimeError, match=r"the upstreams did not open: SystemExit\('no model'\)"):
        async_to_sync(quotes.random)()


def test_a_caller_that_gives_up_while_it_opens_disturbs_nobody(upstream_mock, monkeypatch):
    async def opens_slowly():
        await asyncio.sleep(0.1)

    async def give_up_and_come_back():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await quotes.random()
        return await quotes.random()

    monkeypatch.setattr(quotes, "on_startup", opens_slowly)
    upstream_mock("quotes").get("random").json(QUOTE)
    assert asyncio.run(give_up_and_come_back()).author == "b"


def test_no_thread_waits_for_a_loop_that_has_ended(upstream_mock):
    upstream_mock("quotes").get("random").json(QUOTE)
    outcomes = []

    def call():
        try:
            outcomes.append(async_to_sync(quotes.random)().author)
        except UpstreamClosed:
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


def test_a_process_patched_by_gevent_is_refused(upstream_mock, monkeypatch):
    monkey = types.SimpleNamespace(is_module_patched=lambda name: name == "threading")
    monkeypatch.setitem(sys.modules, "gevent.monkey", monkey)
    with pytest.raises(StartupFailed, match="gevent has patched this process"):
        async_to_sync(quotes.random)()


async def open_stream():
    return await pools.send(build_request(Call("quotes", "GET", "export", stream=True)))


def test_without_an_owner_a_stream_comes_through_the_portal(upstream_mock):
    async def read():
        async with quotes.stream("GET", "export") as response:
            return [chunk async for chunk in response.aiter_bytes()]

    upstream_mock("quotes").get("export").content(b"one")
    assert asyncio.run(read()) == [b"one"]


def test_a_stream_whose_clients_have_closed_says_so(upstream_mock):
    async def read():
        response = await open_stream()
        portal.close()
        await anext(aiter(response.stream))

    upstream_mock("quotes").get("export").content(b"one")
    with pytest.raises(UpstreamClosed, match="upstream quotes: GET export: its client is closed"):
        asyncio.run(read())
