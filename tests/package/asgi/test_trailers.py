"""The protocol of `serve`: the headers behind a chunked body."""

import asyncio

import pytest
from upstreams.asgi.http_protocol import MAX_HEAD_SIZE

from asgi.raw_http import head

CHUNKED = b"Transfer-Encoding: chunked\r\n"
H2C = b"Connection: Upgrade\r\nUpgrade: h2c\r\n"
SECRET = b"Authorization: Bearer a\r\nX-Forwarded-Proto: https\r\n"


@pytest.mark.parametrize("offer", [b"", H2C], ids=["plain", "offered upgrade"])
@pytest.mark.parametrize("segments", [1, 2, 3])
async def test_trailers_are_no_headers(server, offer, segments):
    parts = [head(close=False, fields=offer + CHUNKED), b"5\r\nhello\r\n0\r\n" + SECRET, b"\r\n"]
    last = b"".join(parts[segments - 1 :]) + head(b"GET /next HTTP/1.1", fields=b"X-Own: a\r\n")
    received = await server.ask(*parts[: segments - 1], last)
    assert received.count(b"HTTP/1.1 200 ") == 2
    first, second = server.app.headers
    assert {b"authorization", b"x-forwarded-proto"}.isdisjoint(first)
    assert {b"authorization", b"x-forwarded-proto"}.isdisjoint(second)
    assert (first[b"transfer-encoding"], second[b"x-own"]) == (b"chunked", b"a")


async def test_trailers_of_a_request_that_waits_are_no_headers(server):
    server.app.gate.clear()
    chunks = b"5\r\nhello\r\n0\r\n" + SECRET + b"\r\n"
    waiting = head(fields=CHUNKED) + chunks
    reader, _ = await server.ask(head(b"GET /a HTTP/1.1", close=False), waiting, ends=False)
    server.app.gate.set()
    assert (await asyncio.wait_for(reader.read(), 30)).count(b"HTTP/1.1 200 ") == 2
    assert b"authorization" not in server.app.headers[1]


@pytest.mark.parametrize("endless", [b"X: " + b"a" * 3_000_000, b"a: b\r\n" * 500_000], ids=["one", "many"])
@pytest.mark.parametrize("chunk", [b"0\r\n", b"5;"], ids=["trailers", "extension"])
async def test_trailers_have_a_limit(server, endless, chunk):
    reader, writer = await server.ask(
        head(close=False, fields=CHUNKED), b"5\r\nhello\r\n" + chunk, ends=False
    )
    writer.write(endless)
    received = await asyncio.wait_for(reader.read(), 30)
    assert received.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 "))
    assert received.count(b"HTTP/1.1 ") == 1


async def test_trailers_have_a_limit_behind_a_response(server):
    body = head(b"POST /echo HTTP/1.1", close=False, fields=CHUNKED) + b"5\r\nhello\r\n0\r\n"
    reader, writer = await server.ask(body, ends=False)
    writer.write(b"a: b\r\n" * 100_000)
    assert (await asyncio.wait_for(reader.read(), 30)).startswith(b"HTTP/1.1 431 ")


async def test_a_body_in_small_chunks_is_no_trailer(server):
    body = b"1\r\na\r\n" * (2 * MAX_HEAD_SIZE)
    assert (await server.ask(head(fields=CHUNKED) + body + b"0\r\n\r\n")).endswith(b"a" * 2 * MAX_HEAD_SIZE)


async def test_trailers_within_the_limit_are_read(server):
    trailers = b"a: b\r\n" * (MAX_HEAD_SIZE // 6 - 10)
    received = await server.ask(head(fields=CHUNKED), b"5\r\nhello\r\n", b"0\r\n" + trailers + b"\r\n")
    assert received.endswith(b"\r\n\r\nhello")
