"""Responses over sync iterators, and clients that take them slowly."""

import asyncio
import threading
from contextvars import ContextVar

import pytest
from asgiref.sync import sync_to_async
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.urls import path
from testproject.driver import Client

HOST = {"headers": [(b"host", b"testserver")]}
view_thread: ContextVar[str] = ContextVar("view_thread", default="none")


class SlowClient(Client):
    """Takes the body when it is asked to.

    Attributes:
        is_reading: whether it takes what is sent.
        waits: set when something is sent that it doesn't take.
        left: set when it leaves.
    """

    def __init__(self):
        super().__init__()
        self.is_reading, self.waits, self.left = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def send(self, message):
        await super().send(message)
        if message.get("body"):
            self.waits.set()
            await self.is_reading.wait()

    async def receive(self):
        if not self.inbox:
            await self.left.wait()
            return {"type": "http.disconnect"}
        return self.inbox.pop(0)


class Rows:
    """A generator, how much of it was read, and in which thread it was closed.

    Args:
        rows: yielded one after another.
        error: raised after them.
    """

    def __init__(self, rows, error=None):
        self._rows, self._error = rows, error
        self.count, self.threads, self.closed_in = 0, set(), []

    def __iter__(self):
        try:
            for row in self._rows:
                self.count += 1
                self.threads.add(threading.current_thread().name)
                yield row
            if self._error is not None:
                raise self._error
        finally:
            self.closed_in.append(threading.current_thread().name)


def sync_stream(request):
    view_thread.set(threading.current_thread().name)
    return StreamingHttpResponse(request.scope["content"])


async def async_stream(request):
    view_thread.set(await sync_to_async(lambda: threading.current_thread().name)())
    return StreamingHttpResponse(request.scope["content"])


def sync_file(request):
    return FileResponse(request.scope["content"])


async def async_file(request):
    return FileResponse(request.scope["content"])


async def response(request):
    return request.scope["responses"].pop()


def plain(request):
    return HttpResponse(threading.current_thread().name)


urlpatterns = [
    path("sync-stream", sync_stream),
    path("async-stream", async_stream),
    path("sync-file", sync_file),
    path("async-file", async_file),
    path("response", response),
    path("plain", plain),
]


@pytest.fixture(autouse=True)
def urls(settings):
    settings.ROOT_URLCONF = __name__
