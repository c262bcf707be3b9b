"""The upstream that all ask: it answers any path with a quote, some late, some long, some with an error."""

import asyncio
import json
import re
import ssl
from collections.abc import Callable, Iterator
from http import HTTPStatus

DELAYS = {"slow": 0.02}  # seconds
SIZES = {"1k": 1_000, "10k": 10_000, "100k": 100_000, "1m": 1_000_000}  # bytes of text
STATUSES = {"error": 500}
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


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
        self._received = bytearray()

    def data_received(self, data: bytes) -> None:
        self._received += data
        for head in self._requests():
            self._heard()
            which = head.split(b" ", 2)[1].decode().strip("/")
            if which in DELAYS:
                asyncio.get_running_loop().call_later(DELAYS[which], self._transport.write, answer(which))
            else:
                self._transport.write(answer(which))

    def _requests(self) -> Iterator[bytes]:
        """Take the requests that have arrived with their bodies; yield their heads."""
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            length = LENGTH.search(self._received, 0, end)
            size = end + 4 + (int(length[1]) if length else 0)
            if len(self._received) < size:
                return
            head = bytes(self._received[:end])
            del self._received[:size]
            yield head


def answer(which: str) -> bytes:
    if which not in ANSWERS:
        text = "Simplicity is prerequisite for reliability.".ljust(SIZES.get(which, 0), ".")
        body = json.dumps({"text": text, "author": "Edsger Dijkstra"}).encode()
        status = HTTPStatus(STATUSES.get(which, 200))
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json\r\n"
        ANSWERS[which] = f"{head}content-length: {len(body)}\r\n\r\n".encode() + body
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
