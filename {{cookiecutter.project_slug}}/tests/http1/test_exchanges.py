"""What happens to a connection, step by step: requests, answers, and all that may come between."""

import asyncio

import pytest

from services import BrokenAnswer, UpstreamClosing, UpstreamUnreachable
from services.core.http1.connection import HIGH_WATER
from testing.upstream import answer
from tests.http1.waiting import only_connection, until

OK = answer(b"good")
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNK = b"x" * 2**20


async def test_an_exchange_follows_another_on_one_connection(wire, ask, loopback):
    loopback.on("/x", OK)
    assert [await ask(wire) for _ in range(3)] == [b"good"] * 3
    assert (loopback.accepted, wire.pool.counts[:2]) == (1, (0, 1))


async def test_also_after_head(wire, ask, loopback):
    loopback.on("/x", HEAD + b"content-length: 4\r\n\r\n").on("/x", OK)
    assert [await ask(wire, method="HEAD"), await ask(wire)] == [b"", b"good"]
    assert loopback.accepted == 1


@pytest.mark.parametrize(
    "script",
    [
        [answer(b"good", headers={"connection": "close"})],
        [b"HTTP/1.0 200 OK\r\ncontent-length: 4\r\n\r\ngood"],
        [OK + b"HTTP/1.1 200 OK\r\n"],
        [OK + b"H"],
        [HEAD + b"\r\ngood", "close"],
    ],
    ids=["close", "1.0", "excess", "a byte of excess", "until the end"],
)
async def test_none_follows_where_it_could_not_be_told_apart(wire, ask, loopback, script):
    loopback.on("/x", *script).on("/x", OK)
    assert [await ask(wire), await ask(wire)] == [b"good", b"good"]
    assert loopback.accepted == 2


async def test_none_follows_on_an_answer_that_nobody_has_read(wire, send, ask, loopback):
    loopback.on("/x", HEAD + b"content-length: 40\r\n\r\n" + OK[:10], "hang").on("/x", OK)
    response = await send(wire, stream=True)
    await response.stream.aclose()
    assert await ask(wire) == b"good"
    assert loopback.accepted == 2


async def test_a_call_that_is_given_up_takes_its_connection_with_it(wire, send, ask, loopback):
    loopback.on("/x", "hang").on("/x", OK)
    call = asyncio.create_task(send(wire))
    await until(lambda: loopback.requests)
    call.cancel()
    await asyncio.wait([call])
    await asyncio.wait_for(loopback.all_closed(), 5)
    assert wire.pool.counts == (0, 0, 0.0)
    assert await ask(wire) == b"good"


async def test_what_comes_before_the_request_is_no_answer(wire, ask, monkeypatch, loopback):
    connect = wire._connector.connect

    async def slow(*where):
        connection = await connect(*where)
        await until(lambda: loopback.open)
        loopback.push(answer(b"unasked"))
        await until(lambda: not connection.is_open)
        return connection

    monkeypatch.setattr(wire._connector, "connect", slow)
    with pytest.raises(BrokenAnswer, match="the answer is not HTTP"):
        await ask(wire)


async def test_a_sender_waits_for_a_slow_reader(wire, send, loopback):
    loopback.on("/x", HEAD + b"content-length: %d\r\n\r\n" % (100 * len(CHUNK)), *[CHUNK] * 100)
    response = await send(wire, stream=True)
    await until(lambda: only_connection(wire)._is_paused)
    assert only_connection(wire)._answer.size < 4 * HIGH_WATER
    async with asyncio.timeout(30):
        assert sum([len(chunk) async for chunk in response.stream]) == 100 * len(CHUNK)
    assert wire.pool.counts[:2] == (0, 1)


async def test_an_answer_is_read_by_one_task(wire, send, loopback):
    loopback.on("/x", HEAD + b"content-length: 4\r\n\r\n", "hang")
    response = await send(wire, stream=True)
    first = asyncio.create_task(anext(aiter(response.stream)))
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="an answer is read by one task at a time"):
        await anext(aiter(response.stream))
    first.cancel()
    await response.stream.aclose()


async def test_a_closed_stream_has_no_end(wire, send, loopback):
    loopback.on("/x", HEAD + b"content-length: 4\r\n\r\n", "hang")
    response = await send(wire, stream=True)
    await response.stream.aclose()
    with pytest.raises(UpstreamUnreachable, match="the connection was lost in the body"):
        await anext(aiter(response.stream))


async def test_bad_chunks_are_not_http(wire, ask, loopback):
    loopback.on("/x", HEAD + b"transfer-encoding: chunked\r\n\r\n1\r\na\r\n", 0.01, b"zz\r\n")
    with pytest.raises(BrokenAnswer, match="the answer is not HTTP"):
        await ask(wire)


async def test_closing_ends_what_is_under_way(wire, send, loopback):
    loopback.on("/x", "hang")
    call = asyncio.create_task(send(wire))
    await until(lambda: loopback.requests)
    await asyncio.wait_for(wire.aclose(), 5)
    with pytest.raises(UpstreamUnreachable, match="nothing was received on a fresh connection"):
        await call
    with pytest.raises(UpstreamClosing, match="its client is closed"):
        await send(wire)
