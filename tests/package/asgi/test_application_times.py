"""Times and sizes of the settings in an application of the factory: as it is made, and changed afterwards."""

import asyncio
import logging
import os
import signal
import threading
from contextlib import asynccontextmanager

import pytest
from upstreams import open_clients
from upstreams.asgi import graceful_shutdown
from upstreams.asgi.application import get_asgi_application
from upstreams.testing.lifespan import LifespanFailed, run_lifespan

both = pytest.mark.parametrize("made", ["before", "after"])


@pytest.fixture
def build(settings, upstreams):
    """Make an application before or after these timeouts become settings."""

    def build(*resources, made, **timeouts):
        changed = {**settings.UPSTREAMS_TIMEOUTS, **timeouts}
        if made == "after":
            settings.UPSTREAMS_TIMEOUTS = changed
        application = get_asgi_application([open_clients, *resources])
        if made == "before":  # a change would configure the application anew
            settings.UPSTREAMS_TIMEOUTS = changed
        return application

    return build


@asynccontextmanager
async def hangs_when_it_opens():
    await asyncio.Event().wait()
    yield


@asynccontextmanager
async def hangs_when_it_closes():
    yield
    await asyncio.Event().wait()


@both
async def test_opening_has_the_time_of_startup(build, made):
    application = build(hangs_when_it_opens, made=made, STARTUP=0.05)
    with pytest.raises(LifespanFailed, match=r"hangs_when_it_opens took longer than 0\.05 s to open"):
        async with run_lifespan(application):
            pass


@both
async def test_closing_has_the_time_of_draining_and_closing(build, caplog, made):
    async with run_lifespan(build(hangs_when_it_closes, made=made, CLIENT_DRAIN=0.03, CLIENT_CLOSE=0.04)):
        pass
    assert "hangs_when_it_closes took longer than 0.07 s to close" in caplog.text


@both
async def test_draining_begins_with_the_delay_of_the_settings(build, caplog, made):
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    async with run_lifespan(build(made=made, SHUTDOWN_DELAY=61)):
        with caplog.at_level(logging.INFO):
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
    signal.signal(signal.SIGTERM, before)
    assert "shutdown: draining for 61 s" in caplog.text


@both
async def test_the_drain_file_is_that_of_the_settings(build, settings, tmp_path, caplog, made, monkeypatch):
    monkeypatch.setattr(graceful_shutdown, "DRAIN_FILE_INTERVAL", 0.01)
    file = tmp_path / "drain"
    if made == "after":
        settings.UPSTREAMS_DRAIN_FILE = str(file)
    application = build(made=made)
    if made == "before":
        settings.UPSTREAMS_DRAIN_FILE = str(file)
    with caplog.at_level(logging.INFO):
        async with run_lifespan(application), asyncio.timeout(10):
            await asyncio.sleep(0.02)  # so that it is looked at once without the file
            file.touch()
            while "shutdown: draining" not in caplog.text:
                await asyncio.sleep(0.01)


@both
async def test_running_requests_have_the_time_of_draining(serve, settings, gate, caplog, made):
    changed = {**settings.UPSTREAMS_TIMEOUTS, "CLIENT_DRAIN": 0.05, "CLIENT_CLOSE": 0.06}
    if made == "after":
        settings.UPSTREAMS_TIMEOUTS = changed
    async with serve() as client:
        if made == "before":
            settings.UPSTREAMS_TIMEOUTS = changed
        task = asyncio.create_task(client.get("/gate"))
        await gate.entered.wait()
    gate.open.set()
    await asyncio.wait([task])
    assert "1 requests did not end within CLIENT_DRAIN, 0.05 s" in caplog.text


async def test_a_start_that_goes_on_is_ended_by_sigterm(build):
    before = signal.signal(signal.SIGTERM, lambda *_: None)

    @asynccontextmanager
    async def gets_sigterm():
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()
        yield

    with pytest.raises(LifespanFailed, match="SIGTERM arrived before it was complete"):
        async with asyncio.timeout(20), run_lifespan(build(gets_sigterm, made="after")):
            pass
    signal.signal(signal.SIGTERM, before)


async def test_a_body_that_stops_arriving_has_the_time_of_the_settings(serve, settings, gate):
    async def body():
        yield b"a"
        await asyncio.Event().wait()

    async with serve() as client:
        settings.UPSTREAMS_LIMITS = {**settings.UPSTREAMS_LIMITS, "BODY_TIMEOUT": 0.05}
        assert (await client.post("/echo", content=body())).status_code == 408


@both
async def test_all_bodies_have_the_size_of_the_settings(serve, settings, gate, made):
    changed = {**settings.UPSTREAMS_LIMITS, "MAX_BODY_SIZE": 90_000, "MAX_TOTAL_BODY_SIZE": 100_000}
    if made == "after":
        settings.UPSTREAMS_LIMITS = changed
    entered, goes_on = asyncio.Event(), asyncio.Event()

    async def body():
        yield b"x" * 80_000
        entered.set()
        await goes_on.wait()

    async with serve() as client, asyncio.timeout(20):
        if made == "before":
            settings.UPSTREAMS_LIMITS = changed
        first = asyncio.create_task(client.post("/echo", content=body()))
        await entered.wait()
        refused = await client.post("/echo", content=b"x" * 80_000)
        goes_on.set()
        await first
    assert refused.status_code == 503


async def test_as_many_threads_are_kept_as_the_settings_say(serve, settings):
    settings.UPSTREAMS_FAST_PATH = True
    settings.UPSTREAMS_LIMITS = {**settings.UPSTREAMS_LIMITS, "MAX_IDLE_THREADS": 2}
    async with serve() as client:
        pool = client._transport.app
        while not hasattr(pool, "_max_idle"):
            pool = pool._app
        assert pool._max_idle == 2
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("request-")]


@pytest.mark.upstreams(quotes={"REQUIRED": True, "MAX_ATTEMPTS": 1})
async def test_without_an_upstream_that_is_required_it_is_not_ready(serve, upstream_mock, caplog):
    upstream_mock("quotes").get("").fail("refused")
    async with serve() as client, asyncio.timeout(10):
        while "upstream quotes cannot be used" not in caplog.text:
            await asyncio.sleep(0.01)
        assert (await client.get("/readyz")).status_code == 503
