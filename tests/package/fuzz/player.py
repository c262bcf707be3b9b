"""A server that plays bytes as a response, and clients that read them over real connections."""

import asyncio
from contextlib import AsyncExitStack, suppress

import aiohttp
from upstreams import UpstreamError
from upstreams.core.call import Call
from upstreams.core.definition import parse
from upstreams.core.httpx import Request
from upstreams.transport.http1_transport import HTTP1Transport

from fuzz.reading import REFUSED, Read

ROUNDS = 8
"""Of the event loop, in which a client may notice that a response is complete before its connection ends."""
SECONDS = 30
LATE_ROUNDS = 1000
"""In which it may notice that its connection has ended."""

HANGS = Read(0, b"hangs")
"""It has noticed neither the end of the response nor that of its connection."""


class Play:
    """One response, and what has become of its connection.

    Args:
        pieces: in which it is sent.
    """

    current: "Play"

    def __init__(self, pieces):
        self.pieces = pieces
        self.is_sent, self.has_ended = asyncio.Event(), asyncio.Event()
        self.is_followed = False


class Player(asyncio.Protocol):
    """Responds to `/play` with the pieces of the moment, then ends the connection unless another request comes."""

    def connection_made(self, transport):
        self._transport = transport
        self._play = self._playing = None

    def data_received(self, data):
        target = data.split(b" ", 2)[1]
        if target == b"/play":
            self._play = Play.current
            self._playing = asyncio.get_running_loop().create_task(self._respond())
            return
        if self._play is not None:
            self._playing.cancel()
            self._play.is_followed = True
        self._transport.write(own(target[1:]))

    def connection_lost(self, _):
        if self._play is not None:
            self._playing.cancel()
            self._play.is_sent.set()
            self._play.has_ended.set()

    async def _respond(self):
        for piece in self._play.pieces:
            self._transport.write(piece)
            await rounds(2)
        self._play.is_sent.set()
        await rounds(ROUNDS)
        self._transport.close()


def own(number):
    """The response that nobody else may receive."""
    body = own_body(int(number))
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


def own_body(number):
    return b"own %d" % number


async def rounds(number):
    for _ in range(number):
        await asyncio.sleep(0)


class Table:
    """A player, and the clients around it."""

    async def __aenter__(self):
        self._stack = AsyncExitStack()
        self._server = await asyncio.get_running_loop().create_server(Player, "127.0.0.1", 0)
        self._url = "http://127.0.0.1:{1}".format(*self._server.sockets[0].getsockname())
        self._transport = HTTP1Transport(parse({"fuzzed": {"BASE_URL": self._url}})[0]["fuzzed"])
        connector = aiohttp.TCPConnector(force_close=True)
        session = aiohttp.ClientSession(connector=connector, auto_decompress=False)
        self._session = await self._stack.enter_async_context(session)
        return self

    async def __aexit__(self, *_):
        await self._transport.aclose()
        await self._stack.aclose()
        self._server.close()
        await self._server.wait_closed()

    async def play(self, method, pieces, ask):
        """What a client makes of a response, and the play."""
        play = Play.current = Play(pieces)
        asked = asyncio.create_task(ask(method, "/play"))
        ended = asyncio.create_task(play.has_ended.wait())
        await asyncio.wait([asked, ended], return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        for _ in range(LATE_ROUNDS):
            if asked.done():
                return asked.result(), play
            await asyncio.sleep(0)
        asked.cancel()
        await asyncio.wait([asked])
        return HANGS, play

    async def ours(self, method, path):
        call = Call("fuzzed", method, path)
        try:
            response = await self._transport.handle_async_request(
                Request(method, self._url + path, extensions={"call": call})
            )
            try:
                body = b"".join([chunk async for chunk in response.stream])
            finally:
                await response.stream.aclose()
        except UpstreamError:
            return REFUSED
        return Read(response.status_code, body)

    async def following(self, number):
        """What our transport makes of the next response, on the same connection if that was kept."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SECONDS):
                return await self.ours("GET", f"/{number}")
        return HANGS

    async def aiohttp(self, method, path):
        try:
            async with self._session.request(method, self._url + path, allow_redirects=False) as response:
                return Read(response.status, await response.read())
        except (aiohttp.ClientError, ValueError, OSError):
            return REFUSED
