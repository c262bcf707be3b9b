"""A streamed response: its head does not wait for its first chunk."""

import asyncio
from contextlib import asynccontextmanager
from io import BytesIO

import pytest
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.urls import path
from testproject.driver import Client
from upstreams.asgi import graceful_shutdown
from upstreams.asgi.application import get_asgi_application
from upstreams.core import context
from upstreams.testing.lifespan import run_lifespan

HOST = {"headers": [(b"host", b"testserver")]}
WHOLE = [("http.response.start", False), ("http.response.body", False)]
STREAM = [("http.response.start", False), ("http.response.body", True)]


class Events:
    """A view whose first event comes when the test asks for it."""

    def __init__(self, content_type="text/event-stream"):
        self.go = asyncio.Event()
        self.deadlines = []
        self.ended = False
        self.content_type = content_type

    async def content(self):
        self.deadlines.append(context.deadline.get())
        try:
            await self.go.wait()
            yield b"data: 1\n\n"
        finally:
            self.ended = True

    async def async_view(self, request):
        return StreamingHttpResponse(self.content(), content_type=self.content_type)

    def sync_view(self, request):
        return StreamingHttpResponse(self.content(), content_type=self.content_type)


async def plain(request):
    return HttpResponse(b"whole")


async def file(request):
    return FileResponse(BytesIO(b"content"))


@pytest.fixture(params=[True, False], ids=["fast path", "stock"])
def serve(request, settings, upstreams):
    """Makes the application, whose `/async` and `/sync` send these events."""
    settings.UPSTREAMS_FAST_PATH = request.param
    settings.ROOT_URLCONF = urls_of_test

    @asynccontextmanager
    async def serve(events=None, lifespan=False):
        views = [path("plain", plain), path("file", file)]
        if events is not None:
            views += [path("async", events.async_view), path("sync", events.sync_view)]
        urls_of_test.urlpatterns = views
        application = get_asgi_application()
        if lifespan:
            async with run_lifespan(application):
                yield application
        else:
            yield application

    return serve


class urls_of_test:
    urlpatterns = ()


def kinds(client):
    return [(message["type"], message.get("more_body", False)) for message in client.sent]


@pytest.mark.parametrize("view", ["/async", "/sync"])
async def test_the_head_of_a_silent_stream_goes_out_and_no_deadline_ends_it(serve, settings, view):
    settings.UPSTREAMS_TIMEOUTS = {"REQUEST": 0.3}
    events, client = Events(), Client()
    async with serve(events) as application:
        request = asyncio.create_task(client.ask(application, path=view, **HOST))
        await client.got.wait()
        assert (client.status, kinds(client)[1:], client.body) in ((200, [], b""), (200, STREAM[1:], b""))
        passed = asyncio.Event()
        asyncio.get_running_loop().call_later(0.6, passed.set)  # beyond REQUEST
        await passed.wait()
        assert kinds(client) == STREAM
        events.go.set()
        assert await request == 200
    assert client.body == b"data: 1\n\n"
    assert events.deadlines == [None]


async def test_a_silent_stream_beyond_the_limit_gets_a_503(serve, settings):
    settings.UPSTREAMS_LIMITS = {"MAX_STREAMS": 1}
    events, first, second = Events(), Client(), Client()
    async with serve(events) as application:
        request = asyncio.create_task(first.ask(application, path="/async", **HOST))
        await first.got.wait()
        assert await second.ask(application, path="/async", **HOST) == 503
        events.go.set()
        assert await request == 200


async def test_a_response_that_is_no_stream_is_two_messages(serve):
    client = Client()
    async with serve() as application:
        assert await client.ask(application, path="/plain", **HOST) == 200
    assert kinds(client) == WHOLE


async def test_a_file_keeps_its_length(serve):
    client = Client()
    async with serve() as application:
        assert await client.ask(application, path="/file", **HOST) == 200
    assert int(client.headers[b"Content-Length"]) == len(client.body)


@pytest.mark.parametrize(
    ("content_type", "ends"), [("text/event-stream", True), ("application/x-ndjson", False)]
)
async def test_a_reload_ends_streams_at_once_and_hides_no_cut(serve, monkeypatch, content_type, ends):
    monkeypatch.setenv(graceful_shutdown.RELOADING, "1")
    monkeypatch.setattr(graceful_shutdown.signal, "getsignal", lambda _: stopped)
    monkeypatch.setattr(graceful_shutdown.signal, "signal", lambda _, handler: handlers.append(handler))
    handlers, events, client = [], Events(content_type), Client()
    async with serve(events, lifespan=True) as application:
        request = asyncio.create_task(client.ask(application, path="/async", **HOST))
        await client.got.wait()
        while not events.deadlines:
            await asyncio.sleep(0)
        handlers[0]()
        await request
    assert events.ended
    assert (kinds(client)[-1] == ("http.response.body", False)) is ends


def stopped(*_):
    """The server's own handler of SIGTERM."""
