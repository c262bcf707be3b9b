"""Views that hang, in an application that does not wait for them."""

import asyncio
import threading

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.http import HttpResponse
from django.urls import path
from testproject.driver import Client
from upstreams.asgi import process_exit, stuck_requests
from upstreams.asgi.application import get_asgi_application

from asgi.stuck.parts import HOST


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
