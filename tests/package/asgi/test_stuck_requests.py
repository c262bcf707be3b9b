"""A request that runs on after its deadline: the log names it, the metrics count it, and many of them end the process."""

import asyncio
import logging
import threading

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.http import HttpResponse
from django.urls import path
from testproject.driver import Client
from upstreams.asgi import metrics, process_exit, stuck_requests
from upstreams.asgi.application import get_asgi_application
from upstreams.core import debugger
from upstreams.testing.lifespan import run_lifespan

HOST = {"headers": [(b"host", b"testserver")]}
LOGGER = "upstreams.asgi.stuck_requests"


class Hanging:
    """Views of each kind that hang until the test lets them go."""

    def __init__(self):
        self.go_on = threading.Event()
        self.let_go = asyncio.Event()
        self.cancelled = 0

    def release(self):
        self.go_on.set()
        self.let_go.set()

    def in_thread(self, request, number=0):
        self.go_on.wait(60)
        return HttpResponse()

    async def through_a_thread(self, request, number=0):
        await sync_to_async(self.in_thread)(request)
        return HttpResponse()

    def through_the_loop(self, request, number=0):
        return async_to_sync(self.swallowing)(request)

    async def swallowing(self, request, number=0):
        while not self.let_go.is_set():
            try:
                await self.let_go.wait()
            except asyncio.CancelledError:
                self.cancelled += 1
        return HttpResponse()

    async def ending(self, request, number=0):
        await self.let_go.wait()


@pytest.fixture
def hanging():
    hanging = Hanging()
    yield hanging
    hanging.release()


@pytest.fixture(params=[True, False], ids=["fast path", "stock"])
def application(request, settings, upstreams, hanging, monkeypatch):
    settings.UPSTREAMS_FAST_PATH = request.param
    settings.UPSTREAMS_TIMEOUTS = {"REQUEST": 0.1, "STUCK_REQUESTS_EXIT": 0.1, "CLIENT_DRAIN": 60}
    settings.UPSTREAMS_LIMITS = {"MAX_REQUESTS": 2}
    settings.ROOT_URLCONF = urls_of_test
    names = ("in_thread", "through_a_thread", "through_the_loop", "swallowing", "ending")
    urls_of_test.urlpatterns = [path(f"{name}/<int:number>", getattr(hanging, name)) for name in names]
    monkeypatch.setattr(stuck_requests, "END_TIMEOUT", 0.05)
    return get_asgi_application()


class urls_of_test:
    urlpatterns = ()


@pytest.fixture
def exits(monkeypatch):
    """Instead of the process's end, an event."""
    ended = asyncio.Event()
    monkeypatch.setattr("upstreams.asgi.lifespan.exit_process", ended.set)
    monkeypatch.setattr(process_exit, "exit_after", lambda seconds: None)
    return ended


@pytest.fixture
def ask(application):
    """Begins requests, and returns them when their clients have a response."""

    async def ask(*names):
        clients = [Client() for _ in names]
        requests = [
            asyncio.create_task(client.ask(application, path=f"/{name}/{number}", **HOST))
            for number, (name, client) in enumerate(zip(names, clients, strict=True))
        ]
        for client in clients:
            await client.got.wait()
        assert [client.status for client in clients] == [504] * len(clients)
        return requests

    return ask


async def logged(caplog, words, times=1):
    async with asyncio.timeout(30):
        while caplog.text.count(words) < times:
            await asyncio.sleep(0.01)


async def readiness(application):
    client = Client()
    return await client.ask(application, path="/readyz"), client.body.decode()


def stuck():
    return metrics.requests_stuck._value.get()


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("in_thread", "in in_thread"),
        ("through_a_thread", "in in_thread"),
        ("through_the_loop", "in through_the_loop"),
        ("swallowing", "in swallowing"),
    ],
)
async def test_a_stuck_request_is_named_once_with_its_stack_and_when_it_ends(
    ask, hanging, caplog, name, inside
):
    before = stuck()
    (request,) = await ask(name)
    await logged(caplog, "is stuck")
    assert stuck() == before + 1
    (record,) = [record for record in caplog.records if record.name == LOGGER]
    said = record.getMessage()
    assert said.startswith(
        f"request GET /{name}/<int:number> is stuck: it runs on after its deadline,"
        ' UPSTREAMS_TIMEOUTS["REQUEST"], and keeps its place; it is in:\n'
    )
    assert inside in said
    assert "test_stuck_requests.py" in said
    hanging.release()
    await request
    assert stuck() == before
    last = [record.getMessage() for record in caplog.records if record.name == LOGGER][-1]
    assert last.startswith(f"request GET /{name}/<int:number> has ended, ")


async def test_a_late_view_that_is_cancelled_is_not_stuck(ask, caplog):
    (request,) = await ask("ending")
    await request
    passed = asyncio.Event()
    asyncio.get_running_loop().call_later(0.1, passed.set)  # beyond END_TIMEOUT
    await passed.wait()
    assert [record for record in caplog.records if record.name == LOGGER] == []


async def test_stuck_requests_in_all_places_take_the_process_out_of_service_and_end_it(
    application, ask, exits, hanging, caplog
):
    async with run_lifespan(application):
        await ask("in_thread")
        await logged(caplog, "is stuck")
        assert await readiness(application) == (200, "ready\n")
        await ask("swallowing")
        await logged(caplog, "is stuck", times=2)
        reason = "2 stuck requests hold all places of MAX_REQUESTS"
        assert await readiness(application) == (503, f"not ready: {reason}\n")
        assert caplog.text.count(f"readiness: {reason}") == 1
        async with asyncio.timeout(30):
            await exits.wait()
    last = [record for record in caplog.records if record.name.startswith("upstreams.asgi")][-1]
    assert last.levelno == logging.CRITICAL
    assert last.getMessage() == f"exit with code 1: {reason} for STUCK_REQUESTS_EXIT, 0.1 s"
    hanging.release()


async def test_a_request_that_ends_in_time_keeps_the_process(
    application, ask, exits, hanging, settings, caplog
):
    settings.UPSTREAMS_TIMEOUTS = {"REQUEST": 0.1, "STUCK_REQUESTS_EXIT": 1}
    async with run_lifespan(application):
        requests = await ask("swallowing", "swallowing")
        await logged(caplog, "is stuck", times=2)
        assert (await readiness(application))[0] == 503
        hanging.release()
        await asyncio.gather(*requests)
        assert await readiness(application) == (200, "ready\n")
        passed = asyncio.Event()
        asyncio.get_running_loop().call_later(1.2, passed.set)  # beyond STUCK_REQUESTS_EXIT
        await passed.wait()
    assert not exits.is_set()


async def test_the_time_begins_anew_when_another_request_takes_the_place_of_one_that_ended():
    found, ended, loop = stuck_requests.StuckRequests(lambda: 1), asyncio.Event(), asyncio.get_running_loop()
    found.exit_after, found.on_exit = 1, lambda reason: ended.set()
    first, second = object(), object()
    found.add(first)
    await asyncio.sleep(0.1)
    found.discard(first)
    found.add(second)
    began = loop.time()
    await ended.wait()
    found.discard(second)
    assert loop.time() - began > 0.99


@pytest.mark.parametrize("how", ["0", "DEBUG"])
async def test_the_process_stays_where_it_is_told_to(application, ask, exits, hanging, settings, caplog, how):
    settings.UPSTREAMS_TIMEOUTS = {"REQUEST": 0.1, "STUCK_REQUESTS_EXIT": 0 if how == "0" else 0.1}
    settings.DEBUG = how == "DEBUG"
    settings.UPSTREAMS_TIMEOUTS = settings.UPSTREAMS_TIMEOUTS  # read with DEBUG
    async with run_lifespan(application):
        await ask("swallowing", "swallowing")
        await logged(caplog, "is stuck", times=2)
        passed = asyncio.Event()
        asyncio.get_running_loop().call_later(0.2, passed.set)
        await passed.wait()
        assert (await readiness(application))[0] == (503 if how == "0" else 200)
        hanging.release()
    assert not exits.is_set()


async def test_nothing_is_stuck_under_a_debugger(application, hanging, monkeypatch, caplog):
    monkeypatch.setattr(debugger, "in_use", True)
    client = Client()
    request = asyncio.create_task(client.ask(application, path="/in_thread/1", **HOST))
    passed = asyncio.Event()
    asyncio.get_running_loop().call_later(0.3, passed.set)  # beyond REQUEST and END_TIMEOUT
    await passed.wait()
    assert (client.sent, [one for one in caplog.records if one.name == LOGGER]) == ([], [])
    hanging.release()
    assert await request == 200
