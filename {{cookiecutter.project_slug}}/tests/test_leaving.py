"""From SIGTERM on: not ready any more, serving as before, then the server's own handler."""

import asyncio
import os
import signal

import pytest

from server import leaving as module
from server.leaving import Leaving
from services.core import context
from tests.asgi import Client, answer


@pytest.fixture
async def stopped():
    """What a server would do at SIGTERM: here, only noted."""
    event = asyncio.Event()
    loop = asyncio.get_running_loop()
    before = signal.signal(signal.SIGTERM, lambda *_: loop.call_soon_threadsafe(event.set))
    yield event
    signal.signal(signal.SIGTERM, before)


async def app(scope, receive, send):
    await answer(send, b"served")


async def begun(leaving):
    async with asyncio.timeout(5):
        while not leaving.has_begun:  # noqa: ASYNC110 - it has no event, for nothing waits for it
            await asyncio.sleep(0)


def terminate():
    os.kill(os.getpid(), signal.SIGTERM)


async def test_the_server_is_told_after_the_lag(stopped):
    leaving = Leaving(app, lag=0.05, file=None)
    async with leaving.noticed(lambda: None):
        terminate()
        await begun(leaving)
        assert not stopped.is_set()
        await asyncio.wait_for(stopped.wait(), 5)


async def test_requests_are_served_and_told_that_the_connection_ends(stopped):
    leaving = Leaving(app, lag=60, file=None)
    before, after, newer = Client(), Client(), Client()
    async with leaving.noticed(lambda: None):
        assert await before.ask(leaving) == 200
        terminate()
        await begun(leaving)
        assert await after.ask(leaving) == 200
        assert await newer.ask(leaving, http_version="2") == 200
        assert not stopped.is_set()
    assert [client.headers.get(b"connection") for client in (before, after, newer)] == [None, b"close", None]


async def test_the_request_that_a_signal_interrupts_is_not_logged_as_its_cause(stopped, monkeypatch):
    logged = []
    monkeypatch.setattr(module.logger, "info", lambda *_: logged.append(context.request_id.get()))
    leaving = Leaving(app, lag=60, file=None)
    async with leaving.noticed(lambda: None):
        context.request_id.set("of a request")
        terminate()
        await begun(leaving)
    assert logged == [None]


async def test_a_second_signal_ends_the_lag(stopped):
    leaving = Leaving(app, lag=60, file=None)
    async with leaving.noticed(lambda: None):
        terminate()
        await begun(leaving)
        terminate()
        await asyncio.wait_for(stopped.wait(), 5)


async def test_a_start_up_is_told_at_once(stopped):
    told = asyncio.Event()
    async with Leaving(app, lag=60, file=None).noticed(told.set):
        terminate()
        await asyncio.wait_for(told.wait(), 5)


async def test_afterwards_the_signal_is_the_servers_again(stopped):
    handler = signal.getsignal(signal.SIGTERM)
    async with Leaving(app, lag=60, file=None).noticed(lambda: None):
        assert signal.getsignal(signal.SIGTERM) is not handler
    assert signal.getsignal(signal.SIGTERM) is handler


async def test_a_touched_file_means_the_same(stopped, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LOOK", 0.001)
    file = tmp_path / "leaving"
    leaving = Leaving(app, lag=60, file=str(file))
    async with leaving.noticed(lambda: None):
        await asyncio.sleep(0)
        file.touch()
        await begun(leaving)
    assert not stopped.is_set()


async def test_a_file_from_before_the_start_means_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LOOK", 0.001)
    file = tmp_path / "leaving"
    file.touch()
    os.utime(file, (1, 1))
    leaving = Leaving(app, lag=60, file=str(file))
    async with leaving.noticed(lambda: None):
        await asyncio.sleep(0.01)  # some looks
    assert not leaving.has_begun
