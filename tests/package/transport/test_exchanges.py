"""What happens to a connection, step by step: requests, responses, and everything that may come between."""

import asyncio

import pytest
from upstreams import UpstreamClosed, UpstreamConnectionError, UpstreamProtocolError
from upstreams.testing.loopback import http_response
from upstreams.transport.connection import HIGH_WATER

from transport.waiting import only_connection, until

OK = http_response(b"good")
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNK = b"x" * 2**20


async def test_an_exchange_follows_another_on_one_connection(transport, ask, loopback):
    loopback.on("/x", OK)
    assert [await ask(transport) for _ in range(3)] == [b"good"] * 3
    assert (loopback.accepted, transport.pool.counts[:2]) == (1, (0, 1))


@pytest.mark.parametrize(
    "fields",
    [b"content-length: 4\r\n", b"transfer-encoding: chunked\r\n", b""],
    ids=["length", "chunks", "none"],
)
async def test_also_after_head(transport, ask, loopback, fields):
    loopback.on("/x", HEAD + fields + b"\r\n").on("/x", OK)
    assert [await ask(transport, method="HEAD"), await ask(transport)] == [b"", b"good"]
    assert loopback.accepted == 1


@pytest.mark.parametrize(
    "script",
    [
        [http_response(b"good", headers={"connection": "close"})],
        [b"HTTP/1.0 200 OK\r\ncontent-length: 4\r\n\r\ngood"],
        [OK + b"HTTP/1.1 200 OK\r\n"],
        [OK + b"H"],
        [HEAD + b"\r\ngood", "close"],
    ],
    ids=["close", "1.0", "excess", "a byte of excess", "until the end"],
)
async def test_none_follows_where_responses_could_be_confused(transport, ask, loopback, script):
    loopback.on("/x", *script).on("/x", OK)
    assert [await ask(transport), await ask(transport)] == [b"good", b"good"]
    assert loopback.accepted == 2


async def test_none_follows_on_a_response_that_nobody_has_read(transport, send, ask, loopback):
    loopback.on("/x", HEAD + b"content-length: 40\r\n\r\n" + OK[:10], "hang").on("/x", OK)
    response = await send(transport, stream=True)
    await response.stream.aclose()
    assert await ask(transport) == b"good"
    assert loopback.accepted == 2


async def test_a_cancelled_call_closes_its_connection(transport, send, ask, loopback):
    loopback.on("/x", "hang").on("/x", OK)
    call = asyncio.create_task(send(transport))
    await until(lambda: loopback.requests)
    call.cancel()
    await asyncio.wait([call])
    await asyncio.wait_for(loopback.all_closed(), 5)
    assert transport.pool.counts == (0, 0, 0.0)
    assert await ask(transport) == b"good"


async def test_what_comes_before_the_request_is_no_response(transport, ask, monkeypatch, loopback):
    connect = transport._connector.connect

    async def slow(*where):
        connection = await connect(*where)
        await until(lambda: loopback.open)
        loopback.push(http_response(b"unasked"))
        await until(lambda: not connection.is_open)
        return connection

    monkeypatch.setattr(transport._connector, "connect", slow)
    with pytest.raises(UpstreamProtocolError, match="is refused: it came before its request"):
        await ask(transport)


async def test_a_sender_waits_for_a_slow_reader(transport, send, loopback):
    loopback.on("/x", HEAD + b"content-length: %d\r\n\r\n" % (100 * len(CHUNK)), *[CHUNK] * 100)
    response = await send(transport, stream=True)
    await until(lambda: only_connection(transport)._is_paused)
    assert only_connection(transport)._response.size < 4 * HIGH_WATER
    async with asyncio.timeout(30):
        assert sum([len(chunk) async for chunk in response.stream]) == 100 * len(CHUNK)
    assert transport.pool.counts[:2] == (0, 1)


async def test_a_response_is_read_by_one_task(transport, send, loopback):
    loopback.on("/x", HEAD + b"content-length: 4\r\n\r\n", "hang")
    response = await send(transport, stream=True)
    first = asyncio.create_task(anext(aiter(response.stream)))
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="only one task at a time can read a response"):
        await anext(aiter(response.stream))
    first.cancel()
    await response.stream.aclose()


async def test_a_closed_stream_has_no_end(transport, send, loopback):
    loopback.on("/x", HEAD + b"content-length: 4\r\n\r\n", "hang")
    response = await send(transport, stream=True)
    await response.stream.aclose()
    with pytest.raises(
        UpstreamConnectionError, match=r"the connection to 127\.0\.0\.1:\d+ was lost in the body"
    ):
        await anext(aiter(response.stream))


async def test_bad_chunks_are_not_http(transport, ask, loopback):
    loopback.on("/x", HEAD + b"transfer-encoding: chunked\r\n\r\n1\r\na\r\n", 0.01, b"zz\r\n")
    with pytest.raises(UpstreamProtocolError, match="is refused: the framing of its chunks is not valid"):
        await ask(transport)


async def test_closing_ends_what_is_under_way(transport, send, loopback):
    loopback.on("/x", "hang")
    call = asyncio.create_task(send(transport))
    await until(lambda: loopback.requests)
    await asyncio.wait_for(transport.aclose(), 5)
    with pytest.raises(
        UpstreamConnectionError,
        match=r"the connection, new, to 127\.0\.0\.1:\d+ was lost before any response",
    ):
        await call
    with pytest.raises(UpstreamClosed, match="its client is closed"):
        await send(transport)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"HTTP/1.1 404 No Such  Bean ", "No Such  Bean"),
        (b"HTTP/1.1 404 Caf\xe9", "Caf"),
        (b"HTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 404 Gone", "Gone"),
        (b"HTTP/1.1 404", "Not Found"),
        (b"HTTP/1.1 404 \x1b[31mred", "Not Found"),
    ],
    ids=["its own", "not ASCII", "after another", "none", "control characters"],
)
async def test_the_reason_is_the_upstreams_own(transport, send, loopback, line, reason):
    loopback.on("/x", line + b"\r\ncontent-length: 0\r\n\r\n")
    assert (await send(transport)).reason_phrase == reason
