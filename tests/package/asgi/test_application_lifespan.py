"""The lifespan of the factory: what opens and closes when."""

import asyncio
import gc
import threading
import time
from contextlib import asynccontextmanager

from testproject.quotes import quotes
from upstreams.asgi.loop_watchdog import HEARTBEAT_INTERVAL
from upstreams.clients import metrics_sampler, registry
from upstreams.clients.loop_clients import Clients
from upstreams.telemetry import exit_hooks

QUOTE = {"text": "a", "author": "b"}


async def test_resources_open_after_the_clients_and_close_before_them(serve):
    seen = []

    @asynccontextmanager
    async def resource():
        seen.append(("opens", registry.are_open(), (await quotes.random()).text))
        yield
        seen.append(("closes", registry.are_open(), (await quotes.random()).text))

    async with serve(resource):
        pass
    assert seen == [("opens", True, "a"), ("closes", True, "a")]


async def test_resources_close_after_the_last_request(serve, gate):
    seen = []

    @asynccontextmanager
    async def resource():
        yield
        seen.append(gate.open.is_set())

    async with serve(resource) as client:
        task = asyncio.create_task(client.get("/gate"))
        await gate.entered.wait()
        asyncio.get_running_loop().call_later(0.05, gate.open.set)
    await task
    assert seen == [True]


async def test_the_process_is_not_ready_until_the_resources_are_open(serve):
    seen = []

    @asynccontextmanager
    async def resource():
        yield
        seen.append((await served[0].get("/readyz")).status_code)

    served = []
    async with serve(resource) as client:
        served.append(client)
    assert seen == [503]


async def test_the_clients_outlive_running_views(serve, gate):
    async with serve() as client:
        task = asyncio.create_task(client.get("/gate"))
        await gate.entered.wait()
        asyncio.get_running_loop().call_later(0.05, gate.open.set)
    response = await task
    assert (response.status_code, response.json()) == (200, {"text": "a"})


async def test_telemetry_is_flushed_and_sampled_after_the_clients_have_closed(serve, monkeypatch):
    seen = {"flush": [], "sample": []}
    monkeypatch.setattr(exit_hooks, "_flushes", [lambda: seen["flush"].append(registry.are_open())])
    monkeypatch.setattr(metrics_sampler, "sample", lambda: seen["sample"].append(registry.are_open()))
    async with serve():
        pass
    assert seen["flush"] == [False]
    assert seen["sample"][-1] is False


async def test_requests_and_calls_share_one_drain(serve, settings, gate, monkeypatch):
    drain, given = Clients.drain, []

    async def note(clients, seconds):
        given.append(seconds)
        await drain(clients, seconds)

    monkeypatch.setattr(Clients, "drain", note)
    settings.UPSTREAMS_TIMEOUTS = {**settings.UPSTREAMS_TIMEOUTS, "CLIENT_DRAIN": 0.1}
    async with serve() as client:
        task = asyncio.create_task(client.get("/gate"))
        await gate.entered.wait()
    gate.open.set()
    await task
    assert given == [0.0]  # the request has used it up


async def test_a_view_that_blocks_the_loop_is_logged(serve, settings, caplog):
    settings.UPSTREAMS_TIMEOUTS = {**settings.UPSTREAMS_TIMEOUTS, "LOOP_STALL_WARNING": 0.1}
    async with serve():
        await asyncio.sleep(HEARTBEAT_INTERVAL * 1.5)
        time.sleep(0.4)  # noqa: ASYNC251 - which is wrong in a view
        await asyncio.sleep(HEARTBEAT_INTERVAL * 1.5)
    assert "the event loop is blocked by:" in caplog.text


async def test_what_was_opened_is_not_collected_again_and_again(serve):
    async with serve():
        frozen = gc.get_freeze_count()
    assert (frozen > 0, gc.get_freeze_count()) == (True, 0)


async def test_threads_of_requests_are_kept_until_the_end(serve, upstream_mock):
    def threads():
        return [thread for thread in threading.enumerate() if thread.name.startswith("request-")]

    upstream_mock("quotes").get("authors/b").json([QUOTE])
    async with serve() as client:
        await client.get("/quotes/by/b")
        first = threads()
        await client.get("/quotes/by/b")
        second = threads()
    for thread in second:
        thread.join(10)  # it was asked to end, and is not waited for
    assert (len(first), second, threads()) == (1, first, [])
