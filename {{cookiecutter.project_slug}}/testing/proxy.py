"""A TCP proxy that makes a network bad: the eight toxics of Shopify's Toxiproxy, on the way back to the caller."""

import asyncio
import socket
import struct
import threading
from dataclasses import dataclass, field
from typing import Self

RESET = struct.pack("ii", 1, 0)  # SO_LINGER of 0 seconds: closing sends RST


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


@dataclass
class Proxy:
    """Stands between a service and its upstream; runs in a thread of its own.

    Args:
        host, port: the upstream.

    Attributes:
        toxics: may be changed at any time.
        url: where it listens.
        accepted: how many connections it has accepted.
    """

    host: str
    port: int
    toxics: Toxics = field(default_factory=Toxics)
    accepted: int = 0

    def __post_init__(self) -> None:
        self._listener = socket.create_server((self.host, 0), backlog=512)
        self._port: int = self._listener.getsockname()[1]
        self.url = f"http://{self.host}:{self._port}"
        self._loop = asyncio.new_event_loop()
        self._stopped = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._frozen: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(target=self._run, name="toxic proxy")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    def close_all(self) -> None:
        """Cut all connections that are open now."""
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result()

    def freeze_all(self) -> None:
        """Let nothing more through on the connections that are open now, nor close them: half-open."""
        self._frozen |= self._writers

    async def _cut(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._connection, sock=self._listener)
        await self._stopped.wait()
        self._loop.remove_reader(self._listener)
        for _ in range(20):  # what was accepted a moment ago has to begin: a closed server drops it half-made
            await asyncio.sleep(0)
        server.close()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.toxics.down:
            _reset(writer)
            return
        self.accepted += 1
        self._writers.add(writer)
        upstream_reader, upstream_writer = await asyncio.open_connection(self.host, self.port)
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
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()
