"""A load balancer that notices late, as in a cluster: it polls readiness, and routes by an earlier result."""

import asyncio
import contextlib
import itertools
import time
from dataclasses import dataclass, field

from processes import wait_until
from upstreams.testing.server import Server

POLL = 0.2
LAG = 1.0
IDLE = 2.0

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Backend:
    """An instance, and the connections to it that wait for their next request, with the time since when."""

    port: int
    is_ready: bool = False
    unready_since: float = 0
    idle: list[tuple[float, Streams]] = field(default_factory=list)

    @property
    def is_routed(self) -> bool:
        return self.is_ready or time.monotonic() - self.unready_since < LAG

    async def connection(self) -> Streams:
        while self.idle:
            since, streams = self.idle.pop()
            if time.monotonic() - since < IDLE and not streams[0].at_eof():
                return streams
            streams[1].close()
        return await asyncio.open_connection("127.0.0.1", self.port)


class Balancer(Server):
    """Takes turns between backends. Tries nothing twice: a request that fails gets a 502.

    Args:
        ports: where the backends listen.

    Attributes:
        failed: what went wrong with requests that were routed.
    """

    def __init__(self, *ports: int) -> None:
        super().__init__("balancer")
        self.port = int(self.url.rpartition(":")[2])
        self.failed: list[str] = []
        self.backends = {port: Backend(port) for port in ports}
        self._turns = itertools.cycle(self.backends.values())

    def notices(self, port: int, *, ready: bool) -> bool:
        """Return whether it notices within 10 seconds that an instance is ready, or is not."""
        return wait_until(lambda: self.backends[port].is_ready is ready, 10)

    async def _serve(self) -> None:
        polls = [asyncio.create_task(self._poll(backend)) for backend in self.backends.values()]
        await super()._serve()
        for task in polls:
            task.cancel()
        for backend in self.backends.values():
            for _, (_, writer) in backend.idle:
                writer.close()

    async def _poll(self, backend: Backend) -> None:
        while True:
            ready = False
            with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
                async with asyncio.timeout(1):
                    streams = await asyncio.open_connection("127.0.0.1", backend.port)
                    request = b"GET /readyz HTTP/1.1\r\nHost: backend\r\nConnection: close\r\n\r\n"
                    ready = (await exchange(streams, request)).startswith(b"HTTP/1.1 200")
                    streams[1].close()
            if backend.is_ready and not ready:
                backend.unready_since = time.monotonic()
            backend.is_ready = ready
            await asyncio.sleep(POLL)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        routed = (backend for backend in itertools.islice(self._turns, len(self.backends)))
        backend = next((backend for backend in routed if backend.is_routed), None)
        try:
            if backend is None:
                raise ConnectionError("no backend is ready")
            streams = await backend.connection()
            response = await exchange(streams, request)
            self._keep(backend, streams, response)
        except (OSError, asyncio.IncompleteReadError) as error:
            response = b"HTTP/1.1 502 -\r\n\r\n"
            self.failed.append(f"{backend and backend.port}: {error!r}")
        writer.write(response)
        writer.close()

    def _keep(self, backend: Backend, streams: Streams, response: bytes) -> None:
        if b"\nconnection: close" in response.partition(b"\r\n\r\n")[0].lower():
            streams[1].close()
        else:
            backend.idle.append((time.monotonic(), streams))


async def exchange(streams: Streams, request: bytes) -> bytes:
    """Sends a request without a body; its response must tell its length."""
    reader, writer = streams
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    fields = [line.partition(b":") for line in head.lower().split(b"\r\n")]
    lengths = [int(value) for name, _, value in fields if name == b"content-length"]
    if lengths:
        return head + await reader.readexactly(lengths[0])
    assert b"chunked" in head.lower(), head
    body = b""
    while not body.endswith(b"0\r\n\r\n"):
        body += await reader.readuntil(b"\r\n")
    return head + body
