"""How the body of a request is sent, and what may come between."""

import asyncio

import pytest
from upstreams import UpstreamConnectionError
from upstreams.core.httpx import httpx
from upstreams.testing.loopback import http_response
from upstreams.transport.connection import Connection
from upstreams.transport.http1_transport import LARGE_BODY

from transport.waiting import only_connection, until

OK = http_response(b"good")
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNK = b"x" * 2**20


async def test_an_answer_may_come_before_its_request_has_ended(transport, ask, loopback):
    async def upload():
        yield b"x"
        await go.wait()

    async def answer_early(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        await reader.read()
        return False

    go = asyncio.Event()
    loopback._exchange = answer_early
    assert await ask(transport, method="POST", content=upload()) == b"good"
    assert transport.pool.counts == (0, 0, 0.0)  # the rest of the request would have had to follow


async def test_a_stream_is_read_while_the_request_is_still_sent(transport, send, loopback):
    async def upload():
        yield b"first"
        yield await received.get()

    async def echo(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + b"transfer-encoding: chunked\r\n\r\n")
        while (chunk := await _chunk(reader)) != b"":
            writer.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        writer.write(b"0\r\n\r\n")
        return True

    received = asyncio.Queue()
    loopback._exchange = echo
    response = await send(transport, method="POST", stream=True, content=upload())
    chunks = aiter(response.stream)
    async with asyncio.timeout(10):
        received.put_nowait(b"again: " + await anext(chunks))
        assert [chunk async for chunk in chunks] == [b"again: first"]
    assert transport.pool.counts[:2] == (0, 1)


async def _chunk(reader):
    size = int(await reader.readuntil(b"\r\n"), 16)
    return (await reader.readexactly(size + 2))[:-2]


async def test_what_goes_wrong_in_an_upload_is_the_callers(transport, ask, loopback):
    async def upload():
        yield b"x"
        raise KeyError("mine")

    loopback.on("/x", OK)
    with pytest.raises(KeyError, match="mine"):
        await ask(transport, method="POST", content=upload())
    await asyncio.wait_for(loopback.all_closed(), 5)
    assert loopback.requests == []


async def test_an_upload_is_closed_with_its_call(transport, send, loopback):
    class Upload(
        httpx.AsyncByteStream
    ):  # httpx leaves an iterator of the caller's own to the garbage collector
        async def __aiter__(self):
            try:
                while True:
                    yield CHUNK
                    sending.set()
            finally:
                closed.set()

    sending, closed = asyncio.Event(), asyncio.Event()
    call = asyncio.create_task(send(transport, method="POST", body=Upload()))
    await sending.wait()
    call.cancel()
    await asyncio.wait([call])
    await asyncio.wait_for(closed.wait(), 10)


async def test_a_body_is_sent_as_it_is_given(transport, ask, loopback):
    async def upload():
        for part in (b"one", b"", b"two"):
            yield part

    loopback.on("/x", OK)
    await ask(transport, method="POST", content=b"bytes")
    await ask(transport, method="POST", content=upload())
    await ask(transport, method="POST", content=upload(), headers={"Content-Length": "6"})
    await ask(transport, method="POST", files={"file": ("a.txt", b"multipart")})
    bodies = [request.body for request in loopback.requests]
    assert bodies[:3] == [b"bytes", b"onetwo", b"onetwo"]
    assert b"multipart" in bodies[3]
    framings = [
        (request.headers.get("content-length"), request.headers.get("transfer-encoding"))
        for request in loopback.requests
    ]
    assert framings[:3] == [("5", None), (None, "chunked"), ("6", None)]
    assert loopback.accepted == 1


@pytest.mark.parametrize(("size", "parts"), [(0, 1), (LARGE_BODY - 1, 1), (LARGE_BODY, 2), (3 * 2**20, 2)])
async def test_a_large_body_is_not_copied_to_be_sent(transport, ask, loopback, monkeypatch, size, parts):
    def spy(connection, method, data, *rest, **more):
        written.append(data)
        return exchange(connection, method, data, *rest, **more)

    written, exchange, body = [], Connection.exchange, b"x" * size
    monkeypatch.setattr(Connection, "exchange", spy)
    loopback.on("/x", OK)
    await ask(transport, method="POST", content=body)
    assert len(written[0]) == parts
    assert parts == 1 or written[0][1] is body
    assert loopback.requests[0].body == body


@pytest.mark.parametrize("length", ["5", "7"])
async def test_a_body_has_the_length_it_says(transport, ask, loopback, length):
    async def upload():
        yield b"onetwo"

    loopback.on("/x", OK)
    with pytest.raises(ValueError, match="differs from its Content-Length"):
        await ask(transport, method="POST", content=upload(), headers={"Content-Length": length})
    assert loopback.requests == []


async def test_a_sender_waits_for_a_slow_receiver(transport, send, loopback):
    async def upload():
        for _ in range(100):
            sent.append(len(CHUNK))
            yield CHUNK

    async def receive_nothing(reader, writer):
        await stop.wait()
        return False

    sent, stop = [], asyncio.Event()
    loopback._exchange = receive_nothing
    call = asyncio.create_task(send(transport, method="POST", content=upload()))
    await until(lambda: sent and not only_connection(transport)._can_write.is_set())
    assert len(sent) < 50
    loopback._loop.call_soon_threadsafe(stop.set)
    with pytest.raises(UpstreamConnectionError):
        await call
