"""From SIGTERM on: not ready any more, serving as before, then the server's own handler."""

import asyncio
import os
import signal

import pytest
from testproject.driver import Client, answer
from upstreams.asgi import graceful_shutdown as module
from upstreams.asgi.graceful_shutdown import GracefulShutdown
from upstreams.core import context


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


async def draining(shutdown):
    async with asyncio.timeout(5):
        while not shutdown.is_draining:
            await asyncio.sleep(0)


def terminate():
    os.kill(os.getpid(), signal.SIGTERM)


async def test_the_server_is_told_after_the_delay(stopped):
    shutdown = GracefulShutdown(app, delay=0.05, drain_file=None)
    async with shutdown.handle_sigterm(lambda: None):
        terminate()
        await draining(shutdown)
        assert not stopped.is_set()
        await asyncio.wait_for(stopped.wait(), 5)


async def test_requests_are_served_and_told_that_the_connection_ends(stopped):
    shutdown = GracefulShutdown(app, delay=60, drain_file=None)
    before, after, newer = Client(), Client(), Client()
    async with shutdown.handle_sigterm(lambda: None):
        assert await before.ask(shutdown) == 200
        terminate()
        await draining(shutdown)
        assert await after.ask(shutdown) == 200
        assert await newer.ask(shutdown, http_version="2") == 200
        assert not stopped.is_set()
    assert [client.headers.get(b"connection") for client in (before, after, newer)] == [None, b"close", None]


async def test_the_request_that_a_signal_interrupts_is_not_logged_as_its_cause(stopped, monkeypatch):
    logged = []
    monkeypatch.setattr(module.logger, "info", lambda *_: logged.append(context.request_id.get()))
    shutdown = GracefulShutdown(app, delay=60, drain_file=None)
    async with shutdown.handle_sigterm(lambda: None):
        context.request_id.set("of a request")
        terminate()
        await draining(shutdown)
    assert logged == [None]


async def test_a_second_signal_ends_the_delay(stopped):
    shutdown = GracefulShutdown(app, delay=60, drain_file=None)
    async with shutdown.handle_sigterm(lambda: None):
        terminate()
        await draining(shutdown)
        terminate()
        await asyncio.wait_for(stopped.wait(), 5)


async def test_a_start_up_is_told_at_once(stopped):
    told = asyncio.Event()
    async with GracefulShutdown(app, delay=60, drain_file=None).handle_sigterm(told.set):
        terminate()
        await asyncio.wait_for(told.wait(), 5)


async def test_afterwards_the_signal_is_the_servers_again(stopped):
    handler = signal.getsignal(signal.SIGTERM)
    async with GracefulShutdown(app, delay=60, drain_file=None).handle_sigterm(lambda: None):
        assert signal.getsignal(signal.SIGTERM) is not handler
    assert signal.getsignal(signal.SIGTERM) is handler


async def test_a_touched_file_means_the_same(stopped, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "DRAIN_FILE_INTERVAL", 0.001)
    file = tmp_path / "drain"
    shutdown = GracefulShutdown(app, delay=60, drain_file=str(file))
    async with shutdown.handle_sigterm(lambda: None):
        await asyncio.sleep(0)
        file.touch()
        await draining(shutdown)
    assert not stopped.is_set()


async def test_a_file_from_before_the_start_means_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "DRAIN_FILE_INTERVAL", 0.001)
    file = tmp_path / "drain"
    file.touch()
    os.utime(file, (1, 1))
    shutdown = GracefulShutdown(app, delay=60, drain_file=str(file))
    async with shutdown.handle_sigterm(lambda: None):
        await asyncio.sleep(0.01)  # some looks
    assert not shutdown.is_draining
