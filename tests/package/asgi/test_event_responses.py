"""Responses that send events and JSON Lines as they come, on the fast path and on Django's own handler."""

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass

import pytest
from django.urls import path
from testproject.driver import Client
from testproject.quotes import quotes
from upstreams import EventStreamResponse, JSONLinesResponse, ServerSentEvent
from upstreams.asgi.heartbeats import MAX_READ_AHEAD
from upstreams.core.errors import UpstreamError
from upstreams.fastpath.stream_cut import ResponseCut

from asgi.both_handlers import app

__all__ = ["app"]
HOST = {"headers": [(b"host", b"testserver")]}
variable = ContextVar("variable", default=None)


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


async def test_the_head_and_a_comment_go_out_at_once_and_each_event_as_it_comes(ask, visitor):
    go = asyncio.Queue()

    async def events():
        while (event := await go.get()) is not None:
            yield event

    request = ask(lambda: EventStreamResponse(events(), status=201, headers={"X-Own": "1"}))
    assert await visitor.arrivals.get() == b":\n\n"
    headers = {name.lower(): value for name, value in visitor.headers.items()}
    expected = {
        b"content-type": b"text/event-stream",
        b"cache-control": b"no-cache",
        b"x-accel-buffering": b"no",
        b"x-own": b"1",
    }
    assert expected.items() <= headers.items()
    go.put_nowait(ServerSentEvent("a\nb", "token", "7", 100))
    assert await visitor.arrivals.get() == b"event: token\nid: 7\nretry: 100\ndata: a\ndata: b\n\n"
    go.put_nowait("text")
    assert await visitor.arrivals.get() == b"data: text\n\n"
    go.put_nowait({"token": "ü"})
    assert await visitor.arrivals.get() == 'data: {"token":"ü"}\n\n'.encode()
    go.put_nowait(None)
    assert await request == 201
    assert visitor.sent[-1] == {"type": "http.response.body"} or not visitor.sent[-1]["more_body"]


async def test_comments_are_sent_while_the_stream_is_silent(ask, visitor):
    go = asyncio.Event()

    async def events():
        await go.wait()
        yield "1"

    request = ask(lambda: EventStreamResponse(events(), heartbeat=0.01))
    assert [await visitor.arrivals.get() for _ in range(4)] == [b":\n\n"] * 4
    go.set()
    await request
    assert visitor.body.replace(b":\n\n", b"") == b"data: 1\n\n"


async def test_events_that_are_there_together_are_sent_as_one_part(ask, visitor):
    async def events():
        for number in range(1000):
            yield str(number)

    await ask(lambda: EventStreamResponse(events()))
    parts = [message["body"] for message in visitor.sent[1:] if message.get("body")]
    assert (parts[0], len(parts), b"data: 999\n\n" in parts[-1]) == (b":\n\n", 2, True)


async def test_a_client_that_reads_nothing_stops_the_iterator(ask, visitor):
    made = []

    async def events():
        while True:
            made.append(1)
            yield "x" * 1000
            await asyncio.sleep(0)

    visitor.reads.clear()
    request = ask(lambda: EventStreamResponse(events()))
    await visitor.arrivals.get()
    for _ in range(300):
        await asyncio.sleep(0)
    assert len(made) <= MAX_READ_AHEAD // 1000 + 1
    visitor.left.set()
    await request


async def test_a_client_that_reads_on_gets_all(ask, visitor):
    async def events():
        for _ in range(200):
            yield "x" * 1000

    visitor.reads.clear()
    request = ask(lambda: EventStreamResponse(events()))
    await visitor.arrivals.get()
    visitor.reads.set()
    async with asyncio.timeout(20):
        await request
    assert visitor.body.count(b"data:") == 200


@pytest.mark.parametrize("reads", [True, False])
@pytest.mark.parametrize("kind", [EventStreamResponse, JSONLinesResponse])
@pytest.mark.usefixtures("lifespan")
async def test_the_stream_of_an_upstream_is_closed_when_the_client_leaves(
    ask, visitor, loopback, reads, kind
):
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
    loopback.on("/chat", head, b"data: one\n\n", "hang")
    request = ask(lambda: kind(event.data async for event in quotes.events("GET", "chat")))
    if not reads:
        visitor.reads.clear()
    await visitor.arrivals.get()
    if reads and kind is EventStreamResponse:
        assert await visitor.arrivals.get() == b"data: one\n\n"
    visitor.left.set()
    await request
    async with asyncio.timeout(20):
        await loopback.all_closed()


@pytest.mark.parametrize("kind", [EventStreamResponse, JSONLinesResponse])
async def test_a_failure_cuts_the_stream_after_what_came_before(ask, visitor, kind):
    async def items():
        yield "1"
        raise UpstreamError("the connection was lost")

    with pytest.raises(ResponseCut):
        await ask(lambda: kind(items()))
    assert (
        visitor.body.removeprefix(b":\n\n")
        == {
            EventStreamResponse: b"data: 1\n\n",
            JSONLinesResponse: b'"1"\n',
        }[kind]
    )


async def test_the_iterator_runs_in_one_task_and_one_context(ask):
    seen = set()

    async def events():
        variable.set("mine")
        for _ in range(3):
            seen.add((asyncio.current_task(), variable.get()))
            await asyncio.sleep(0.001)
            yield "1"

    await ask(lambda: EventStreamResponse(events()))
    assert (len(seen), {value for _, value in seen}) == (1, {"mine"})


async def test_json_lines_are_sent_one_by_one(ask, visitor):
    @dataclass
    class Row:
        id: int

    go = asyncio.Event()

    async def rows():
        yield Row(1)
        await go.wait()
        yield {"text": "a\nb"}

    request = ask(lambda: JSONLinesResponse(rows()))
    assert await visitor.arrivals.get() == b'{"id":1}\n'
    go.set()
    assert await request == 200
    assert visitor.body == b'{"id":1}\n{"text":"a\\nb"}\n'
    assert visitor.headers[b"Content-Type"] == b"application/x-ndjson"


@pytest.mark.parametrize("kind", [EventStreamResponse, JSONLinesResponse])
def test_items_that_are_no_async_iterator_are_refused(kind):
    with pytest.raises(TypeError, match=f"{kind.__name__} needs an async iterator, .* not list"):
        kind(["1"])


@pytest.mark.parametrize("seconds", [0, -1, True, float("inf"), "15"])
def test_a_heartbeat_that_is_no_time_is_refused(seconds):
    async def events():
        yield "1"

    with pytest.raises(ValueError, match="heartbeat must be a number of seconds above 0"):
        EventStreamResponse(events(), heartbeat=seconds)
