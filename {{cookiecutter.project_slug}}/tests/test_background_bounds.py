"""The bounds of work that outlives its response: how much of it runs, and for how long when the service closes."""

import asyncio
import contextvars
import threading

import pytest

from config.asgi import application
from services import BackgroundFull, UpstreamClosing, spawn, spawn_thread
from services.core import connections
from testing.lifespan import running
from tests.quotes import quotes

QUOTE = {"text": "a", "author": "b"}


@pytest.fixture
def brief(settings):
    settings.TIMEOUTS = {**settings.TIMEOUTS, "DRAIN": 0.02}


@pytest.fixture
def started():
    return asyncio.Event()


@pytest.fixture
def hangs(started):
    async def hangs():
        started.set()
        await asyncio.Event().wait()

    return hangs


@pytest.mark.usefixtures("wire", "brief")
async def test_a_flood_is_refused(settings, hangs):
    settings.LIMITS = {**settings.LIMITS, "SPAWNED": 2}
    message = (
        r'2 pieces of work run in the background, as many as LIMITS\["SPAWNED"\]: start fewer, or raise it'
    )
    async with running(application):
        spawn(hangs())
        spawn(hangs())
        with pytest.raises(BackgroundFull, match=message):
            spawn(hangs())
        with pytest.raises(BackgroundFull, match=message):
            await asyncio.to_thread(contextvars.Context().run, spawn_thread, sum, [1, 2])


async def test_what_runs_gets_its_time_at_the_end_and_may_call_upstreams(wire, started):
    async def work():
        started.set()
        await asyncio.sleep(0.02)
        texts.append((await quotes.random()).text)

    texts = []
    wire("quotes").get("random").json(QUOTE)
    async with running(application):
        spawn(work())
        await started.wait()
    assert texts == ["a"]


async def test_what_hangs_is_cancelled_and_named(wire, brief, started, caplog):
    async def hangs():
        try:
            started.set()
            await asyncio.Event().wait()
        finally:
            ended.append(wire("quotes").events[-1])

    ended = []
    async with running(application):
        spawn(hangs())
        await started.wait()
    assert ended == ["opened"]
    assert f"spawned {hangs.__qualname__}: cancelled, after DRAIN" in caplog.text
    assert "failed" not in caplog.text


@pytest.mark.usefixtures("wire", "brief")
async def test_a_thread_that_hangs_is_named(caplog):
    gate = threading.Event()
    async with running(application):
        spawn_thread(gate.wait)
    gate.set()
    assert "spawned Event.wait: does not end, though it was cancelled" in caplog.text


@pytest.mark.usefixtures("wire")
async def test_nothing_is_spawned_while_the_rest_drains(brief, caplog):
    async def late():
        try:
            await asyncio.Event().wait()
        finally:
            spawn(asyncio.sleep(0))

    async with running(application):
        spawn(late())
    (record,) = [record for record in caplog.records if record.exc_info]
    assert isinstance(record.exc_info[1], UpstreamClosing)
    assert "shutting down and starts no background work" in str(record.exc_info[1])


async def test_work_that_is_cancelled_before_its_first_step_is_closed(hangs, settled):
    spawn(hangs())
    (task,) = connections.owned[asyncio.get_running_loop()].spawned._tasks
    task.cancel()
    await settled()
    assert task.cancelled()  # a coroutine that was never awaited would be a warning, and that an error


@pytest.mark.usefixtures("wire")
async def test_work_of_a_start_up_that_failed_is_cancelled(monkeypatch, hangs, started):
    async def on_open():
        spawn(hangs())
        await started.wait()
        raise RuntimeError("no token")

    monkeypatch.setattr(quotes, "on_open", on_open)
    with pytest.raises(Exception, match="no token"):
        async with running(application):
            raise AssertionError("started")
