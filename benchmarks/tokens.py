"""Streams of tokens for `make bench-streams`: the upstream that sends them, and the load that reads them."""

import asyncio
import json
import random
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

INTERVAL = 0.05
"""Seconds between two tokens of a stream: 20 tokens a second."""
START_TIMEOUT = 30.0
"""Seconds for all streams to begin; a server that is too slow for them may not manage it."""
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
REQUEST = b"GET /v1/tokens HTTP/1.1\r\nhost: 127.0.0.1\r\nx-forwarded-proto: https\r\n\r\n"
SENT = re.compile(rb'"at": ?([0-9.]+)')


class Upstream(asyncio.Protocol):
    """One stream: an event each `INTERVAL` with the time at which it is sent, until the connection closes.

    Args:
        streams: those that are open; it adds itself.
    """

    def __init__(self, streams: set["Upstream"]) -> None:
        self._streams = streams

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass
        self._loop = asyncio.get_running_loop()

    def data_received(self, data: bytes) -> None:
        self._streams.add(self)
        self._transport.write(HEAD)
        # Each stream at a time of its own, as those of a model are.
        self._timer = self._loop.call_later(INTERVAL * random.random(), self._send)

    def connection_lost(self, exc: Exception | None) -> None:
        if self in self._streams:
            self._streams.discard(self)
            self._timer.cancel()

    def _send(self) -> None:
        event = b"data: %b\n\n" % json.dumps({"token": " reliability", "at": time.time()}).encode()
        self._transport.write(b"%x\r\n%b\r\n" % (len(event), event))
        self._timer = self._loop.call_later(INTERVAL, self._send)


class Reader(asyncio.Protocol):
    """A client of one stream.

    Args:
        delays: seconds from each token's sending to its arrival; it grows.
    """

    def __init__(self, delays: list[float]) -> None:
        self.has_begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_cut = False
        self._delays = delays

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(REQUEST)

    def data_received(self, data: bytes) -> None:
        now = time.time()
        found = SENT.findall(data)
        self._delays.extend(now - float(sent) for sent in found)
        if found and not self.has_begun.done():
            self.has_begun.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_cut = True
        if not self.has_begun.done():
            self.has_begun.set_result(None)


@asynccontextmanager
async def upstream() -> AsyncIterator[tuple[str, set[Upstream]]]:
    """Yield the URL of an upstream, and its open streams."""
    streams: set[Upstream] = set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Upstream(streams), "127.0.0.1", backlog=2048)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", streams


@asynccontextmanager
async def readers(port: int, number: int) -> AsyncIterator[tuple[list[Reader], list[float]]]:
    """Read so many streams of a server within the block, which begins when each has sent a token or was cut, or late.

    Yields:
        The readers, and the delays of all tokens so far.
    """
    delays: list[float] = []
    loop = asyncio.get_running_loop()
    opened: list[Reader] = []
    try:
        async with asyncio.timeout(START_TIMEOUT):
            for _ in range(number):
                _, reader = await loop.create_connection(lambda: Reader(delays), "127.0.0.1", port)
                opened.append(reader)
                await asyncio.sleep(0.002)  # a server accepts them one by one
        await asyncio.wait([reader.has_begun for reader in opened], timeout=START_TIMEOUT)
        yield opened, delays
    finally:
        for reader in opened:
            reader.has_begun.cancel()
            reader.transport.abort()
