"""A client that reads a stream of events as far as a test lets it."""

import asyncio

import pytest
from django.urls import path
from testproject.driver import Client

HOST = {"headers": [(b"host", b"testserver")]}


class urls_of_test:
    urlpatterns = ()


class Visitor(Client):
    """A client that leaves when the test says so, and that may read nothing after the head."""

    def __init__(self):
        super().__init__()
        self.left = asyncio.Event()
        self.reads = asyncio.Event()
        self.reads.set()
        self.arrivals = asyncio.Queue()

    async def receive(self):
        if self.inbox:
            return self.inbox.pop(0)
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        await super().send(message)
        if message.get("body"):
            self.arrivals.put_nowait(message["body"])
            await self.reads.wait()


@pytest.fixture
def visitor():
    return Visitor()


@pytest.fixture
def ask(app, settings, visitor):
    """Starts a request to a view that returns a response."""
    settings.ROOT_URLCONF = urls_of_test

    def ask(make):
        async def view(request):
            return make()

        urls_of_test.urlpatterns = [path("events", view)]
        return asyncio.create_task(visitor.ask(app, path="/events", **HOST))

    return ask
