"""The protocol of `serve`: what one connection may hold, and all together."""

import asyncio
import weakref

import pytest
from upstreams.asgi import bounded_protocol
from upstreams.asgi.bounded_protocol import MAX_PIPELINED
from upstreams.asgi.buffers import buffers
from upstreams.asgi.heads import MAX_HEADERS

from asgi.raw_http import head, turns

OK = b"HTTP/1.1 200 "
BODY = b"a" * 8_000_000  # more than the kernel keeps for a client that does not read
LARGE = head(fields=b"Content-Length: %d\r\n" % len(BODY), close=False) + BODY


def get(path, fields=b""):
    return head(b"GET %b HTTP/1.1" % path, close=False, fields=fields)


def small(number):
    return b"a:\r\n" * number


async def until(holds):
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.01)


async def closed(reader):
    """Wait until the server has closed or reset the connection."""
    try:
        return await asyncio.wait_for(reader.read(), 20)
    except ConnectionError:
        return b""


@pytest.fixture
def unread(server):
    """Open a connection whose response is not read: the protocol, the reader."""

    async def unread():
        before = set(server.state.connections)
        reader, _ = await server.ask(LARGE, ends=False)
        await until(lambda: set(server.state.connections) - before)
        (connection,) = set(server.state.connections) - before
        await until(lambda: connection.buffer_size > 1_000_000)
        return connection, reader

    return unread


@pytest.mark.parametrize("waiting", [MAX_PIPELINED, MAX_PIPELINED + 1, 2000])
async def test_so_many_requests_may_wait_and_more_end_with_the_connection(server, waiting):
    server.app.gate.clear()
    reader, writer = await server.ask(get(b"/a") + get(b"/b") * waiting, ends=False)
    server.app.gate.set()
    writer.write(head(b"GET /last HTTP/1.1"))
    await closed(reader)
    assert server.app.requests.count("/b") == MAX_PIPELINED
    assert ("/last" in server.app.requests) == (waiting == MAX_PIPELINED)


async def test_a_request_that_waits_may_have_so_many_headers(server):
    server.app.gate.clear()
    many = get(b"/b", small(MAX_HEADERS))  # and Host
    reader, _ = await server.ask(get(b"/a") + get(b"/b") + many + get(b"/c"), ends=False)
    server.app.gate.set()
    assert (await closed(reader)).count(OK) == 2
    assert server.app.requests == ["/a", "/b"]


async def test_a_head_of_small_headers_is_refused_before_it_is_complete(server):
    begin = b"GET / HTTP/1.1\r\n"
    assert (await server.ask(begin + small(3000))).startswith(b"HTTP/1.1 431 ")
    assert (await server.ask(begin + small(MAX_HEADERS - 1), b"Connection: close\r\n\r\n")).startswith(OK)


async def test_what_waits_ends_with_the_connection_and_the_view_hears_of_it(server):
    server.app.gate.clear()
    _, writer = await server.ask(get(b"/a") + get(b"/b") * 5, ends=False)
    await until(lambda: server.app.requests == ["/a"])
    (connection,) = server.state.connections
    assert len(connection.pipeline) == 5
    running = connection.running
    writer.transport.abort()
    await until(lambda: not server.state.connections)
    assert running.disconnected
    assert len(connection.pipeline) == 0
    server.app.gate.set()
    await turns()
    assert server.app.requests == ["/a"]


async def test_nothing_keeps_a_connection_that_was_reset(server):
    _, writer = await server.ask(get(b"/a"), ends=False)
    (kept,) = map(weakref.ref, server.state.connections)
    await until(lambda: kept().cycle.response_complete)
    writer.transport.abort()
    await until(lambda: not server.state.connections)
    await turns()
    assert kept() is None  # for which no garbage has to be collected, and no time to pass


async def test_unread_responses_have_a_limit_together(server, unread, settings, caplog):
    first, reader = await unread()
    settings.UPSTREAMS_LIMITS = {"MAX_TOTAL_BUFFER_SIZE": first.buffer_size + 1000}
    del first
    for _ in range(2):
        last, _ = await unread()
    assert await closed(reader) != BODY
    assert last in server.state.connections
    assert "the buffers of all held" in caplog.text


async def test_a_single_response_may_be_larger_than_the_limit(server, settings):
    settings.UPSTREAMS_LIMITS = {"MAX_TOTAL_BUFFER_SIZE": 1_000_000}
    assert (await server.ask(LARGE.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))).endswith(BODY)


async def test_what_was_read_does_not_count(server, unread, settings):
    settings.UPSTREAMS_LIMITS = {"MAX_TOTAL_BUFFER_SIZE": 12_000_000}
    connection, reader = await unread()
    await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(len(BODY))
    for _ in range(5):
        other, reader = await unread()
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(len(BODY))
    assert {connection, other} <= server.state.connections
    assert buffers._total < 6 * len(BODY)


async def test_a_client_that_does_not_read_is_disconnected(server, unread, monkeypatch):
    monkeypatch.setattr(bounded_protocol, "SEND_TIMEOUT", 0.05)
    await unread()
    _, writer = await server.ask(get(b"/a"), ends=False)
    await until(lambda: len(server.state.connections) == 1)
    (idle,) = server.state.connections
    assert idle.client == writer.get_extra_info("sockname")
