"""The limits of background tasks: how many run, and for how long when the service shuts down."""

import asyncio
import contextvars
import threading

import pytest
from testproject.asgi import application
from testproject.quotes import quotes
from upstreams import (
    BackgroundLimitExceeded,
    UpstreamClosed,
    spawn,
    spawn_thread,
)
from upstreams.clients import registry
from upstreams.testing.lifespan import run_lifespan

QUOTE = {"text": "a", "author": "b"}


@pytest.fixture
def brief(settings):
    settings.UPSTREAMS_TIMEOUTS = {**settings.UPSTREAMS_TIMEOUTS, "CLIENT_DRAIN": 0.02}


@pytest.fixture
def started():
    return asyncio.Event()


@pytest.fixture
def hangs(started):
    async def hangs():
        started.set()
        await asyncio.Event().wait()

    return hangs


@pytest.mark.usefixtures("upstream_mock", "brief")
async def test_a_flood_is_refused(settings, hangs):
    settings.UPSTREAMS_LIMITS = {**settings.UPSTREAMS_LIMITS, "MAX_BACKGROUND_TASKS": 2}
    message = (
        r'2 background tasks are running: start fewer, or raise UPSTREAMS_LIMITS\["MAX_BACKGROUND_TASKS"\]'
    )
    async with run_lifespan(application):
        spawn(hangs())
        spawn(hangs())
        with pytest.raises(BackgroundLimitExceeded, match=message):
            spawn(hangs())
        with pytest.raises(BackgroundLimitExceeded, match=message):
            await asyncio.to_thread(contextvars.Context().run, spawn_thread, sum, [1, 2])


async def test_what_runs_gets_its_time_at_the_end_and_may_call_upstreams(upstream_mock, started):
    async def work():
        started.set()
        await asyncio.sleep(0.02)
        texts.append((await quotes.random()).text)

    texts = []
    upstream_mock("quotes").get("random").json(QUOTE)
    async with run_lifespan(application):
        spawn(work())
        await started.wait()
    assert texts == ["a"]


async def test_what_hangs_is_cancelled_and_named(upstream_mock, brief, started, caplog):
    async def hangs():
        try:
            started.set()
            await asyncio.Event().wait()
        finally:
            ended.append(upstream_mock("quotes").events[-1])

    ended = []
    async with run_lifespan(application):
        spawn(hangs())
        await started.wait()
    assert ended == ["opened"]
    assert f"background task {hangs.__qualname__}: cancelled after CLIENT_DRAIN" in caplog.text
    assert "failed" not in caplog.text


@pytest.mark.usefixtures("upstream_mock", "brief")
async def test_a_thread_that_hangs_is_named(caplog):
    gate = threading.Event()
    async with run_lifespan(application):
        spawn_thread(gate.wait)
    gate.set()
    assert "background task Event.wait: still running 0.5 s after it was cancelled" in caplog.text


@pytest.mark.usefixtures("upstream_mock")
async def test_nothing_is_spawned_while_the_rest_drains(brief, caplog):
    async def late():
        try:
            await asyncio.Event().wait()
        finally:
            spawn(asyncio.sleep(0))

    async with run_lifespan(application):
        spawn(late())
    (record,) = [record for record in caplog.records if record.exc_info]
    assert isinstance(record.exc_info[1], UpstreamClosed)
    assert "shutting down and starts no background tasks" in str(record.exc_info[1])


async def test_work_that_is_cancelled_before_its_first_step_is_closed(hangs, background_done):
    spawn(hangs())
    (task,) = registry.clients_by_loop[asyncio.get_running_loop()].background._tasks
    task.cancel()
    await background_done()
    assert task.cancelled()  # a coroutine that was never awaited would be a warning, and that an error


@pytest.mark.usefixtures("upstream_mock")
async def test_work_of_a_start_up_that_failed_is_cancelled(monkeypatch, hangs, started):
    async def on_startup():
        spawn(hangs())
        await started.wait()
        raise RuntimeError("no token")

    monkeypatch.setattr(quotes, "on_startup", on_startup)
    with pytest.raises(Exception, match="no token"):
        async with run_lifespan(application):
            raise AssertionError("started")
