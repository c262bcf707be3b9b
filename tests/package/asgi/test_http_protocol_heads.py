"""The protocol of `serve`: heads without an end, and connections on which nothing is requested."""

import asyncio

import pytest
from upstreams.asgi import http_protocol
from upstreams.asgi.http_protocol import MAX_HEAD_SIZE

from asgi.raw_http import head


def head_of(size):
    empty = len(head(fields=b"X: \r\n"))
    return head(fields=b"X: %b\r\n" % (b"a" * (size - empty)))


def segments(data, size):
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize("size", [MAX_HEAD_SIZE * 2, 60_000, 4_000, 701])
@pytest.mark.parametrize(("beyond", "status"), [(0, b"200"), (1, b"431")])
async def test_the_head_has_a_limit_however_it_is_split(server, size, beyond, status):
    received = await server.ask(*segments(head_of(MAX_HEAD_SIZE + beyond), size))
    assert received.startswith(b"HTTP/1.1 %b " % status)


@pytest.mark.parametrize("endless", [b"a" * 10_000, b"a: b\r\n" * 2_000])
@pytest.mark.parametrize("begin", [b"GET / HTTP/1.1\r\nX: ", b"GET /"])
async def test_a_head_without_an_end_is_refused_and_the_rest_dropped(server, begin, endless):
    reader, writer = await server.ask(begin, ends=False)
    for _ in range(400):  # 4 MB, most of them behind the refusal
        writer.write(endless)
    start, _, body = (await reader.read()).partition(b"\r\n\r\n")
    assert start.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 "))
    assert b"connection: close" in start
    assert b"problem+json" in start
    assert body.endswith(b"}")
    assert server.app.requests == []


async def test_a_body_may_be_longer_than_a_head(server):
    body = b"a: b\r\n" * 100_000
    fields = b"Content-Length: %d\r\n" % len(body)
    received = await server.ask(head(close=False, fields=fields) + body + head(b"GET /next HTTP/1.1"))
    assert received.count(b"HTTP/1.1 200 ") == 2
    assert body in received


async def test_pipelined_requests_do_not_count_to_the_head_behind_them(server):
    before = head(b"GET /a HTTP/1.1", close=False, fields=b"X: %b\r\n" % (b"a" * 60_000))
    last = head_of(MAX_HEAD_SIZE - 5_000)
    received = await server.ask(before + last[:5_000], last[5_000:])
    assert received.count(b"HTTP/1.1 200 ") == 2


async def test_a_refusal_waits_for_the_responses_before_it(server):
    server.app.gate.clear()
    reader, _ = await server.ask(
        head(b"GET /a HTTP/1.1", close=False), b"GET /b HTTP/1.1\r\nX: ", b"a" * 70_000, ends=False
    )
    server.app.gate.set()
    received = await reader.read()
    assert received.count(b"HTTP/1.1 ") == 1
    assert received.startswith(b"HTTP/1.1 200 ")


async def test_a_broken_body_is_refused_at_once(server):
    fields = b"Transfer-Encoding: chunked\r\n"
    received = await server.ask(head(close=False, fields=fields), b"no chunk\r\n")
    assert received.startswith(b"HTTP/1.1 400 ")
    assert received.count(b"HTTP/1.1 ") == 1


async def test_a_head_has_a_time(server, monkeypatch):
    monkeypatch.setattr(http_protocol, "HEAD_TIMEOUT", 0.05)
    assert (await server.ask(b"GET / HTTP/1.1\r\n")).startswith(b"HTTP/1.1 408 ")


async def test_a_head_that_grows_all_the_time_has_the_same_time(server, monkeypatch):
    monkeypatch.setattr(http_protocol, "HEAD_TIMEOUT", 0.05)
    reader, writer = await server.ask(b"GET / HTTP/1.1\r\n", ends=False)
    reading = asyncio.ensure_future(reader.read())
    while not reading.done():
        writer.write(b"a: b\r\n")
        await asyncio.sleep(0.005)
    assert (await reading).startswith(b"HTTP/1.1 408 ")


async def test_a_head_that_is_complete_in_time_is_not_cut(server, monkeypatch):
    monkeypatch.setattr(http_protocol, "HEAD_TIMEOUT", 0.05)
    server.app.gate.clear()
    reader, _ = await server.ask(b"GET / HTTP/1.1\r\n", b"Connection: close\r\n\r\n", ends=False)
    await asyncio.sleep(0.1)
    server.app.gate.set()
    assert (await reader.read()).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("before", [[], [head(b"GET /a HTTP/1.1", close=False)]])
@pytest.mark.parametrize("after", [[], [b"\r\n"]])
async def test_an_idle_connection_is_closed_also_before_its_first_request(server, before, after, monkeypatch):
    server.config.timeout_keep_alive = 0.05
    monkeypatch.setattr(http_protocol, "HEAD_TIMEOUT", 0.05)
    await server.ask(*before, *after)  # returns when the server closes


async def test_shutdown_closes_idle_connections_at_once(server):
    server.config.timeout_keep_alive = 3600
    reader, _ = await server.ask(head(b"GET /a HTTP/1.1", close=False), ends=False)
    await reader.readuntil(b"\r\n\r\n")
    for connection in list(server.state.connections):
        connection.shutdown()
    assert server.state.connections == set()
    assert await reader.read() == b""
