"""A file is sent a part at a time, also behind a middleware and from a view of Django's."""

import asyncio
import gzip
import tracemalloc
from io import BytesIO
from itertools import chain

import pytest
from django.http import HttpResponseNotModified
from django.urls import path
from django.views.static import serve
from testproject.driver import Client
from upstreams.asgi.application import get_asgi_application

from asgi import sync_iterators
from asgi.both_handlers import app
from asgi.sync_iterators import HOST, SlowClient, urls

__all__ = ["app", "urls"]

SIZE = 64 * 1024 * 1024
MARGIN = 8 * 1024 * 1024
both_views = pytest.mark.parametrize("path", ["/sync-file", "/async-file"])


class Counting(Client):
    """Forgets what it gets."""

    size = 0

    async def send(self, message):
        self.size += len(message.get("body", b""))
        self.sent = self.sent or [message]


class Watched(BytesIO):
    """A file that notes how much of it was read, and when it is closed."""

    def __init__(self, content):
        super().__init__(content)
        self.events = []

    def read(self, size=-1):
        self.events.append("read")
        return super().read(size)

    def close(self):
        self.events.append("closed")
        super().close()


@pytest.fixture
def large(tmp_path):
    """A file of 64 MB that takes no space."""
    file = tmp_path / "large.bin"
    with file.open("wb") as opened:
        opened.truncate(SIZE)
    return file


@pytest.fixture
def peak():
    """The memory that Python's objects have taken at most."""
    tracemalloc.start()
    yield lambda: tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()


def not_modified(get_response):
    """A middleware that replaces the response."""

    def middleware(request):
        get_response(request)
        return HttpResponseNotModified()

    return middleware


@both_views
async def test_a_large_file_takes_little_memory(app, large, peak, path):
    client = Counting()
    assert await client.ask(app, path=path, content=large.open("rb"), **HOST) == 200
    assert client.size == SIZE
    assert peak() < MARGIN


async def test_a_file_that_django_serves_takes_little_memory(app, large, peak, monkeypatch):
    media = path("media/<path:path>", serve, {"document_root": large.parent})
    monkeypatch.setattr(sync_iterators, "urlpatterns", [media])
    client = Counting()
    assert await client.ask(app, path=f"/media/{large.name}", **HOST) == 200
    assert client.size == SIZE
    assert peak() < MARGIN


def prefixing(get_response):
    """A middleware as others write them, which wraps the content."""

    def middleware(request):
        response = get_response(request)
        response.streaming_content = chain([b"prefix"], response.streaming_content)
        del response["Content-Length"]
        return response

    return middleware


async def test_content_that_a_middleware_wraps_takes_little_memory(settings, app, large, peak):
    settings.MIDDLEWARE = [f"{__name__}.prefixing"]
    app._app.load_middleware(is_async=True)
    client = Counting()
    assert await client.ask(app, path="/async-file", content=large.open("rb"), **HOST) == 200
    assert client.size == len(b"prefix") + SIZE
    assert peak() < MARGIN


async def test_compressed_content_takes_little_memory(settings, app, large, peak):
    settings.MIDDLEWARE = ["django.middleware.gzip.GZipMiddleware"]
    app._app.load_middleware(is_async=True)
    client, headers = Client(), [*HOST["headers"], (b"accept-encoding", b"gzip")]
    assert await client.ask(app, path="/async-file", content=large.open("rb"), headers=headers) == 200
    assert peak() < MARGIN
    assert len(gzip.decompress(client.body)) == SIZE


@both_views
async def test_a_file_is_closed_once_after_it_was_read(app, path):
    file, client = Watched(b"content"), Client()
    assert await client.ask(app, path=path, content=file, **HOST) == 200
    assert (client.body, client.headers[b"Content-Length"]) == (b"content", b"7")
    assert file.events == ["read", "read", "closed"]


@both_views
async def test_a_file_is_closed_once_when_the_client_leaves(app, path):
    file, client = Watched(bytes(10 * 1024 * 1024)), SlowClient()
    asking = asyncio.create_task(client.ask(app, path=path, content=file, **HOST))
    await client.waits.wait()
    client.left.set()
    await asking
    assert file.events == ["read", "closed"]


@both_views
async def test_a_file_is_closed_when_a_middleware_replaces_its_response(settings, app, path):
    settings.MIDDLEWARE = [f"{__name__}.not_modified"]
    app._app.load_middleware(is_async=True)
    file, client = Watched(b"content"), Client()
    assert await client.ask(app, path=path, content=file, **HOST) == 304
    assert file.events == ["closed"]


@both_views
async def test_nothing_is_read_for_head(app, path):
    file, client = Watched(b"content"), Client()
    assert await client.ask(app, path=path, content=file, method="HEAD", **HOST) == 200
    assert (client.body, client.headers[b"Content-Length"]) == (b"", b"7")
    assert file.events == ["closed"]


async def test_slow_downloads_leave_sync_views_their_threads(app):
    slow = [SlowClient() for _ in range(50)]
    asking = [
        asyncio.create_task(client.ask(app, path="/sync-file", content=BytesIO(bytes(1 << 20)), **HOST))
        for client in slow
    ]
    async with asyncio.timeout(20):
        await asyncio.gather(*(client.waits.wait() for client in slow))
        await asyncio.gather(*(Client().ask(app, path="/plain", **HOST) for _ in range(50)))
        for client in slow:
            client.is_reading.set()
        assert await asyncio.gather(*asking) == [200] * 50


@pytest.mark.parametrize("fast_path", [True, False])
async def test_a_file_counts_as_a_stream(settings, upstreams, urls, fast_path):
    settings.UPSTREAMS_FAST_PATH = fast_path
    settings.UPSTREAMS_LIMITS = {"MAX_STREAMS": 1}
    application, first, second = get_asgi_application(), SlowClient(), Client()
    asking = asyncio.create_task(
        first.ask(application, path="/sync-file", content=BytesIO(bytes(1 << 20)), **HOST)
    )
    await first.waits.wait()
    refused = Watched(b"content")
    assert await second.ask(application, path="/sync-file", content=refused, **HOST) == 503
    assert refused.events == ["closed"]
    first.is_reading.set()
    assert await asking == 200
