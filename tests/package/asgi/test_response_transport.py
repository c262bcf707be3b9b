"""The head of a response leaves with the first part of its body: what is written, on real sockets."""

import asyncio

import pytest
from upstreams.asgi.http_protocol import HTTPProtocol
from upstreams.asgi.response_transport import LARGE_PART
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from asgi.raw_http import head, serving


class Recorder:
    """A transport that notes what is written to it."""

    def __init__(self, transport, written):
        self._transport, self._written = transport, written

    def __getattr__(self, name):
        return getattr(self._transport, name)

    def write(self, data):
        self._written.append(bytes(data))
        self._transport.write(data)


def recorded(protocol, written):
    class Recorded(protocol):
        def connection_made(self, transport):
            super().connection_made(Recorder(transport, written))

    return Recorded


def sending(*parts, status=200, headers=(), between=None, error=None):
    async def app(scope, receive, send):
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        if between is not None:
            await between.wait()
        if error is not None:
            raise error
        for part in parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body"})

    return app


def length(size):
    return [(b"content-length", b"%d" % size)]


async def written_by(protocol, app, *segments):
    written = []
    async with serving(app, recorded(protocol, written)) as server:
        received = await server.ask(*segments)
    assert b"".join(written) == received
    return written


async def plain(scope, receive, send):
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": length(5)})
    await send({"type": "http.response.body", "body": b"hello"})


async def test_head_and_body_are_written_at_once():
    [written] = await written_by(HTTPProtocol, plain, head())
    assert written.startswith(b"HTTP/1.1 200 OK\r\n")
    assert written.endswith(b"\r\n\r\nhello")
    assert len(await written_by(HttpToolsProtocol, plain, head())) == 2  # what this is about


async def test_a_large_body_is_not_copied():
    body = b"a" * LARGE_PART
    written = await written_by(HTTPProtocol, sending(body, headers=length(len(body))), head())
    assert written[1] == body


async def test_a_head_does_not_wait_for_a_late_body():
    late = asyncio.Event()
    async with serving(sending(b"late", headers=length(4), between=late)) as server:
        reader, _ = await server.ask(head(), ends=False)
        assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)).startswith(b"HTTP/1.1 200 ")
        late.set()
        assert await asyncio.wait_for(reader.read(), 30) == b"late"


CONTINUE = b"Expect: 100-continue\r\nContent-Length: 5\r\n"
CASES = {
    "plain": (plain, [head()]),
    "a stream": (sending(b"a", b"b"), [head()]),
    "an empty body": (sending(headers=length(0)), [head()]),
    "HEAD": (sending(headers=length(5)), [head(b"HEAD / HTTP/1.1")]),
    "204": (sending(status=204), [head()]),
    "304": (sending(status=304), [head()]),
    "no length": (sending(b"a"), [head()]),
    "1.0": (sending(b"hello", headers=length(5)), [head(b"GET / HTTP/1.0")]),
    "100 Continue": (sending(b"hello", headers=length(5)), [head(fields=CONTINUE), b"12345"]),
    "an error behind the head": (sending(error=ValueError()), [head()]),
    "too long": (sending(b"hello", headers=length(4)), [head()]),
    "too short": (sending(b"hello", headers=length(6)), [head()]),
    "HEAD, then GET": (
        sending(b"hello", headers=length(5)),
        [head(b"HEAD / HTTP/1.1", close=False) + head(b"GET / HTTP/1.1")],
    ),
    "two at once": (plain, [head(b"GET / HTTP/1.1", close=False) + head(b"GET / HTTP/1.1")]),
}


@pytest.mark.parametrize("case", CASES)
async def test_clients_receive_what_uvicorn_sends(case):
    app, segments = CASES[case]
    ours = await written_by(HTTPProtocol, app, *segments)
    assert b"".join(ours) == b"".join(await written_by(HttpToolsProtocol, app, *segments))


async def test_a_response_comes_before_the_refusal_of_the_next_request():
    responding = sending(headers=length(5))

    async def app(scope, receive, send):
        await responding(scope, receive, send)
        [connection] = server.state.connections
        connection.data_received(b"no request\r\n\r\n")

    async with serving(app) as server:
        received = await server.ask(head(b"HEAD / HTTP/1.1", close=False))
    assert received.index(b" 200 ") < received.index(b" 400 ")


async def test_a_head_is_not_written_to_a_connection_that_is_gone():
    async def app(scope, receive, send):
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": length(4)})
        for connection in server.state.connections:
            connection.transport.abort()

    written = []
    async with serving(app, recorded(HTTPProtocol, written)) as server:
        assert await server.ask(head()) == b""
    assert written == []
