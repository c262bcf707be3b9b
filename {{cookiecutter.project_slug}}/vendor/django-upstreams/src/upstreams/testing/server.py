"""The base class of test servers: a port of this machine, served from a thread."""

import asyncio
import socket
import ssl
import struct
import threading
from typing import Self


class Server:
    """Serves from its own thread, so that sync tests and other processes can connect, too.

    Args:
        name: the name of the thread.
        tls: makes it a TLS server.
        port: that it listens on, such as that of a server that has stopped; 0 takes a free one.

    Attributes:
        url: the address that it listens on.
        accepted: the number of accepted connections.
    """

    def __init__(self, name: str, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.accepted = 0
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", port), backlog=512)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self._listener.getsockname()[1]}"
        self._loop = asyncio.new_event_loop()
        self._stopped = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(target=self._run, name=name)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._connection, sock=self._listener, ssl=self._tls)
        await self._stopped.wait()
        # Let connections that were just accepted begin: a server that closes drops them.
        self._loop.remove_reader(self._listener)
        for _ in range(20):
            await asyncio.sleep(0)
        server.close()  # the runner cancels open connections

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError


def reset_when_closed(writer: asyncio.StreamWriter) -> None:
    """Make a connection end with RST, as a socket does that lingers for 0 seconds."""
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
