"""A TCP proxy that simulates a bad network: the eight toxics of Shopify's Toxiproxy, applied to responses."""

import asyncio
from dataclasses import dataclass

from upstreams.testing.server import Server, reset_when_closed


@dataclass
class Toxics:
    """The faults of the connections. Times are in seconds, sizes in bytes.

    Args:
        down: new connections are reset.
        latency: seconds before each chunk.
        bandwidth: bytes per second.
        slow_close: seconds between the end of the response and the end of the connection.
        timeout: no data is forwarded, and the connection stays open.
        reset_peer: connections are reset as soon as the caller has sent something.
        slicer: chunks are split into pieces of this many bytes.
        limit_data: connections close after this many bytes.
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
    """Forwards connections to an upstream.

    Args:
        host, port: the upstream.

    Attributes:
        toxics: the current faults; assign others at any time.
    """

    def __init__(self, host: str, port: int) -> None:
        super().__init__("toxic proxy")
        self.toxics = Toxics()
        self._host = host
        self._port = port
        self._frozen: set[asyncio.StreamWriter] = set()

    def close_all(self) -> None:
        """Abort all open connections."""
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result()

    def freeze_all(self) -> None:
        """Forward nothing more on the open connections, and do not close them, as when a peer is gone."""
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
        there = asyncio.create_task(self._forward(reader, upstream_writer, writer))
        back = asyncio.create_task(self._back_to_caller(upstream_reader, writer))
        try:
            await asyncio.wait([there, back], return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(self.toxics.slow_close)
        finally:
            there.cancel()
            back.cancel()
            self._writers.discard(writer)
            for each in (writer, upstream_writer):
                each.close()

    async def _forward(
        self, reader: asyncio.StreamReader, upstream: asyncio.StreamWriter, caller: asyncio.StreamWriter
    ) -> None:
        while data := await reader.read(65536):
            if self.toxics.reset_peer:
                _reset(caller)
                return
            upstream.write(data)
            await upstream.drain()

    async def _back_to_caller(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
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
