"""Sends the chunks of an async iterator as they come, and a heartbeat whenever there was none for a time."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

MAX_READ_AHEAD = 64 * 1024
"""Bytes that wait for a client which reads slowly; then the iterator waits, too."""


class Heartbeats:
    """The chunks of an iterator, and heartbeats in between. Chunks that wait for the client are sent as one.

    The iterator runs in a task of its own, from its first step to its last: a context variable or a timeout that it
    has set holds over all of it. It is cancelled and closed when nobody reads the chunks any more.

    Args:
        chunks: an async generator.
        heartbeat: bytes that mean nothing to the client; sent first, too, for proxies that hold back the head.
        seconds: of silence before a heartbeat.
    """

    def __init__(self, chunks: AsyncGenerator[bytes], heartbeat: bytes, seconds: float) -> None:
        self._source = chunks
        self._heartbeat = heartbeat
        self._seconds = seconds
        self._chunks: list[bytes] = []
        self._size = 0
        self._has_more = asyncio.Event()
        self._has_room = asyncio.Event()

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        self._loop = asyncio.get_running_loop()
        reading = self._loop.create_task(self._read())
        reading.add_done_callback(lambda _: self._has_more.set())
        self._last = self._loop.time()
        self._timer = self._loop.call_later(self._seconds, self._beat)
        try:
            yield self._heartbeat
            while self._chunks or not reading.done():
                if not self._chunks:
                    self._has_more.clear()
                    await self._has_more.wait()
                if self._chunks:
                    self._last = self._loop.time()
                    yield self._take()
            reading.result()  # raises its error
        finally:
            self._timer.cancel()
            reading.cancel()
            await asyncio.wait([reading])
            if not reading.cancelled():
                reading.exception()  # retrieved: the client may have left
            del reading  # its error's traceback refers to this frame: a cycle

    async def _read(self) -> None:
        async with aclosing(self._source) as chunks:
            async for chunk in chunks:
                self._put(chunk)
                if self._size >= MAX_READ_AHEAD:
                    self._has_room.clear()
                    await self._has_room.wait()

    def _put(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
        self._size += len(chunk)
        self._has_more.set()

    def _take(self) -> bytes:
        taken = b"".join(self._chunks)
        self._chunks.clear()
        self._size = 0
        self._has_room.set()
        return taken

    def _beat(self) -> None:
        # One timer for the whole stream: to move it for each chunk would cost more than the chunk.
        left = self._last + self._seconds - self._loop.time()
        if left <= 0:
            if not self._chunks:  # else the client reads too slowly for them already
                self._put(self._heartbeat)
            left = self._seconds
        self._timer = self._loop.call_later(left, self._beat)
