"""A real upstream on a loopback port, which answers and fails as a test says, byte by byte."""

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from testing.server import Server, reset_when_closed

Step = bytes | float | Literal["close", "reset", "hang"]
"""Bytes are sent as they are, a number is a pause in seconds, `hang` waits until the other side goes away."""


@dataclass(frozen=True)
class Received:
    """A request as it arrived."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> bytes:
    """The bytes of an answer; anything but bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = {"content-length": str(len(content)), **(headers or {})}
    lines = [f"HTTP/1.1 {status} -", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(lines).encode() + content


class Loopback(Server):
    """Answers requests as a test says.

    Args:
        tls: makes it an HTTPS server.

    Attributes:
        open: how many connections are open.
        most_open: how many were open at once.
        requests: what arrived, in order.
        dies_on_reuse: closes a connection when a second request arrives on it, without an answer.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__("loopback upstream", tls)
        self.open = self.most_open = 0
        self.requests: list[Received] = []
        self.dies_on_reuse = False
        self._scripts: dict[str, list[tuple[Step, ...]]] = {}
        self._idle = asyncio.Event()

    def on(self, path: str, *steps: Step) -> Self:
        """Answer a path with these steps; given again, in order, the last ones again and again.

        The path `*` stands for each that has no answer of its own.
        """
        self._scripts.setdefault(path, []).append(steps)
        return self

    def clear(self) -> Self:
        """Forget all answers."""
        self._scripts.clear()
        return self

    async def all_closed(self) -> None:
        """Returns when no connection is open any more."""
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._idle.wait(), self._loop))

    def push(self, data: bytes) -> None:
        """Send bytes that nobody asked for over every open connection. Blocks until they are sent."""

        async def write() -> None:
            for writer in self._writers:
                writer.write(data)
                await writer.drain()

        asyncio.run_coroutine_threadsafe(write(), self._loop).result()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        self._writers.add(writer)
        self.open += 1
        self._idle.clear()
        self.most_open = max(self.most_open, self.open)
        try:
            while await self._exchange(reader, writer):
                if self.dies_on_reuse:
                    await reader.readuntil(b"\r\n\r\n")
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self.open -= 1
            if not self.open:
                self._idle.set()
            self._writers.remove(writer)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)
        }
        body = await _body(reader, headers)
        self.requests.append(Received(method, target, headers, body))
        unknown: list[tuple[Step, ...]] = [(answer({"detail": "no script"}, 404),)]
        scripts = self._scripts.get(target.partition("?")[0]) or self._scripts.get("*", unknown)
        for step in scripts.pop(0) if len(scripts) > 1 else scripts[0]:
            match step:
                case bytes():
                    writer.write(step)
                    await writer.drain()
                case float():
                    await asyncio.sleep(step)
                case "hang":
                    await reader.read()
                    return False
                case "reset":
                    reset_when_closed(writer)
                    return False
                case "close":
                    return False
        return True


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(headers.get("content-length", 0)))
    body = b""
    while size := int(await reader.readuntil(b"\n"), 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return body
