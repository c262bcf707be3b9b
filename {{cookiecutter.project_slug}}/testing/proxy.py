"""A TCP proxy that makes a network bad: the eight toxics of Shopify's Toxiproxy, on the way back to the caller."""

import asyncio
from dataclasses import dataclass

from testing.server import Server, reset_when_closed


@dataclass
class Toxics:
    """What is wrong with the connections. Times are seconds, sizes bytes.

    Args:
        down: new connections are refused, old ones closed.
        latency: before each chunk.
        bandwidth: bytes a second.
        slow_close: between the end of the answer and the end of the connection.
        timeout: nothing comes through any more, and the connection stays open.
        reset_peer: connections are reset as soon as the caller has sent something.
        slicer: chunks are cut into pieces of so many bytes.
        limit_data: connections close after so many bytes.
    """

    down: bool = False
    latency: float = 0
    bandwidth: int = 0
    slow_close: float = 0
    timeout: bool = False
    reset_peer: bool = False
    slicer: int = 0
    limit_data: int = 0


class Proxy(Server):
    """Stands between a service and its upstream.

    Args:
        host, port: the upstream.

    Attributes:
        toxics: may be changed at any time.
    """

    def __init__(self, host: str, port: int) -> None:
        super().__init__("toxic proxy")
        self.toxics = Toxics()
        self._host = host
        self._port = port
        self._frozen: set[asyncio.StreamWriter] = set()

    def close_all(self) -> None:
        """Cut all connections that are open now."""
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result()

    def freeze_all(self) -> None:
        """Let nothing more through on the connections that are open now, nor close them: half-open."""
        self._frozen |= self._writers

    async def _cut(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.toxics.down:
            _reset(writer)
            return
        self.accepted += 1
        self._writers.add(writer)
        upstream_reader, upstream_writer = await asyncio.open_connection(self._host, self._port)
        there = asyncio.create_task(self._there(reader, upstream_writer, writer))
        back = asyncio.create_task(self._back(upstream_reader, writer))
        try:
            await asyncio.wait([there, back], return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(self.toxics.slow_close)
        finally:
            there.cancel()
            back.cancel()
            self._writers.discard(writer)
            for each in (writer, upstream_writer):
                each.close()

    async def _there(
        self, reader: asyncio.StreamReader, upstream: asyncio.StreamWriter, caller: asyncio.StreamWriter
    ) -> None:
        while data := await reader.read(65536):
            if self.toxics.reset_peer:
                _reset(caller)
                return
            upstream.write(data)
            await upstream.drain()

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sent = 0
        while data := await reader.read(65536):
            toxics = self.toxics
            size = toxics.slicer or len(data)
            for piece in (data[start : start + size] for start in range(0, len(data), size)):
                if toxics.timeout or writer in self._frozen:
                    await self._stopped.wait()
                await asyncio.sleep(
                    toxics.latency + (len(piece) / toxics.bandwidth if toxics.bandwidth else 0)
                )
                allowed = piece[: toxics.limit_data - sent] if toxics.limit_data else piece
                writer.write(allowed)
                await writer.drain()
                sent += len(allowed)
                if len(allowed) < len(piece):
                    return


def _reset(writer: asyncio.StreamWriter) -> None:
    reset_when_closed(writer)
    writer.transport.abort()
