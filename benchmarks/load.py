"""Sends requests over keep-alive connections, each the next as soon as it has a response. Only on the loopback."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import cycle
from typing import NamedTuple

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
# What a proxy adds that has ended TLS: services in production redirect or refuse without it.
HEAD = "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nx-forwarded-proto: https\r\n"
TIMEOUT = 60  # seconds


class Answer(NamedTuple):
    status: int
    seconds: float


def get(path: str) -> bytes:
    return f"{HEAD}\r\n".format(method="GET", path=path).encode()


def post(path: str, body: bytes) -> bytes:
    more = f"content-type: application/octet-stream\r\ncontent-length: {len(body)}\r\n\r\n"
    return f"{HEAD}{more}".format(method="POST", path=path).encode() + body


@asynccontextmanager
async def load(port: int, requests: Sequence[bytes], connections: int) -> AsyncIterator[list[Answer]]:
    """Keep a server busy with these requests, in turn, within the block.

    Yields:
        the answers so far; it grows.

    Raises:
        ConnectionError: at the end, if a connection was lost or an answer could not be read.
        TimeoutError: connections are not accepted, or the last answers do not come.
    """
    answers: list[Answer] = []
    turns = cycle(requests)
    loop = asyncio.get_running_loop()
    opened = []
    try:
        async with timeout(f"it does not accept {connections} connections"):
            for _ in range(connections):
                opened.append(
                    await loop.create_connection(lambda: Connection(turns, answers), "127.0.0.1", port)
                )
        yield answers
        for _, connection in opened:
            connection.last = True
        async with timeout("it does not answer"):
            await asyncio.gather(*(connection.done for _, connection in opened))
    finally:
        for transport, connection in opened:
            connection.done.cancel()
            transport.abort()


@asynccontextmanager
async def timeout(what: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(TIMEOUT):
            yield
    except TimeoutError as error:
        raise TimeoutError(f"{what} within {TIMEOUT} s") from error


class Connection(asyncio.Protocol):
    """One connection; it closes after the answer that comes when `last` is true."""

    def __init__(self, requests: Iterator[bytes], answers: list[Answer]) -> None:
        self.last = False
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._answers = answers
        self._received = bytearray()
        self._expected = 0  # bytes of the answer, once its head has arrived
        self._asked = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._expected:
            head = self._received.find(b"\r\n\r\n")
            if head < 0:
                return
            length = LENGTH.search(self._received, 0, head)
            if length is None:
                self._fail(f"an answer without a content-length: {self._received[:200].decode('latin-1')}")
                return
            self._expected = head + 4 + int(length[1])
        if len(self._received) >= self._expected:
            seconds = time.perf_counter() - self._asked
            self._answers.append(Answer(int(self._received[9:12]), seconds))
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail("the server closed a connection")

    def _ask(self) -> None:
        if self.last:
            self.done.set_result(None)
            self._transport.abort()
            return
        self._received.clear()
        self._expected = 0
        self._asked = time.perf_counter()
        self._transport.write(next(self._requests))

    def _fail(self, why: str) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError(why))
        self._transport.abort()
