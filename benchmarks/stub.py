"""The upstream that all ask: it answers any path with a quote, some late, some long."""

import asyncio
import json
import ssl
from collections.abc import Callable

DELAYS = {"slow": 0.02}  # seconds
SIZES = {"1k": 1_000, "100k": 100_000}  # bytes of text


class Stub(asyncio.Protocol):
    """One connection.

    Args:
        heard: called for each request.
    """

    def __init__(self, heard: Callable[[], object]) -> None:
        self._heard = heard

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        *requests, self._received = self._received.split(b"\r\n\r\n")
        for request in requests:
            self._heard()
            which = request.split(b" ", 2)[1].decode().strip("/")
            if which in DELAYS:
                asyncio.get_running_loop().call_later(DELAYS[which], self._transport.write, answer(which))
            else:
                self._transport.write(answer(which))


def answer(which: str) -> bytes:
    if which not in ANSWERS:
        text = "Simplicity is prerequisite for reliability.".ljust(SIZES.get(which, 0), ".")
        body = json.dumps({"text": text, "author": "Edsger Dijkstra"}).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        ANSWERS[which] = head.encode() + body
    return ANSWERS[which]


ANSWERS: dict[str, bytes] = {}


async def started(
    tls: ssl.SSLContext | None = None, heard: Callable[[], object] = bool
) -> tuple[asyncio.Server, str]:
    """A stub that listens, and its URL."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Stub(heard), "127.0.0.1", ssl=tls, backlog=1024)
    port = server.sockets[0].getsockname()[1]
    return server, f"{'https' if tls else 'http'}://127.0.0.1:{port}"
