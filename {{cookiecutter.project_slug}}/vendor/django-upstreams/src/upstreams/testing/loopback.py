"""A real HTTP server on a loopback port that responds and fails as a test says, byte by byte."""

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from upstreams.testing.server import Server, reset_when_closed

Step = bytes | float | Literal["close", "reset", "hang"]
"""Bytes are sent unchanged, a float is a pause in seconds, `hang` waits until the client disconnects."""


@dataclass(frozen=True)
class Received:
    """A request as it was received."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


def http_response(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> bytes:
    """Return the bytes of a response; a body that is not bytes is encoded as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = {"content-length": str(len(content)), **(headers or {})}
    lines = [f"HTTP/1.1 {status} -", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(lines).encode() + content


class Loopback(Server):
    """Responds to requests as a test says.

    Args:
        tls: makes it an HTTPS server.
        port: that it listens on, such as that of one that has stopped; 0 takes a free one.

    Attributes:
        open: the number of open connections.
        most_open: the highest number of connections that were open at once.
        requests: the requests that were received, in order.
        dies_on_reuse: closes a connection without a response when a second request arrives on it.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        super().__init__("loopback upstream", tls, port)
        self.open = self.most_open = 0
        self.requests: list[Received] = []
        self.dies_on_reuse = False
        self._scripts: dict[str, list[tuple[Step, ...]]] = {}
        self._idle = asyncio.Event()

    def on(self, path: str, *steps: Step) -> Self:
        """Respond to a path with these steps. Several scripts of a path run in order; the last one is repeated.

        The path `*` means every path without a script.
        """
        self._scripts.setdefault(path, []).append(steps)
        return self

    def clear(self) -> Self:
        """Remove all scripts."""
        self._scripts.clear()
        return self

    async def all_closed(self) -> None:
        """Wait until no connection is open."""
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._idle.wait(), self._loop))

    def push(self, data: bytes) -> None:
        """Send bytes over every open connection without a request, and wait until they are sent."""

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
        unknown: list[tuple[Step, ...]] = [(http_response({"detail": "no script"}, 404),)]
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
