"""Responses that send events and JSON Lines as they come, on the fast path and on Django's own handler."""

import asyncio
from dataclasses import dataclass

import pytest
from upstreams import EventStreamResponse, JSONLinesResponse, ServerSentEvent
from upstreams.asgi.heartbeats import MAX_READ_AHEAD

from asgi.both_handlers import app
from asgi.visitor import ask, visitor

__all__ = ["app", "ask", "visitor"]


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


__all__ = ["app", "ask", "visitor"]


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
