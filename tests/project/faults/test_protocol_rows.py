"""Requests as other HTTP stacks send them, and heads that never end."""

import asyncio
import contextlib
from collections.abc import Callable

import pytest
from client import Watching, raw_request
from target import Target

Start = Callable[..., Target]
HOST = {"Host": "target"}
H2C = {"Connection": "Upgrade, HTTP2-Settings, close", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABk"}
MEGABYTE = 10**6


@pytest.mark.row("F41", "a head of 32 MB", plain="fails: its server reads it without a limit")
def test_endless_head(start: Start) -> None:
    target = start()
    with Watching(target, "/livez") as live:
        first_line = asyncio.run(send_head(target.port, 32 * MEGABYTE))
    assert first_line == b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    assert (live.errors, live.slowest() < 0.5) == ([], True)


async def send_head(port: int, size: int) -> bytes:
    """Send a head without its end, and return the first line of the response."""
    async with asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: target\r\nX-Long: ")
        with contextlib.suppress(ConnectionError):
            for _ in range(size // 65536):
                writer.write(b"x" * 65536)
                await writer.drain()
        line = await reader.readline()
        writer.close()
    return line


@pytest.mark.row("F42", "a POST that offers Upgrade: h2c", plain="fails: its server loses the body")
def test_offered_upgrade(start: Start) -> None:
    got = asyncio.run(
        start().send(raw_request("POST", "/echo", HOST | H2C | {"Content-Length": "5"}) + b"hello")
    )
    assert (got.status, got.body) == (200, b"5")


@pytest.mark.row(
    "F42", "a stream to a client of HTTP/1.0", plain="fails: its server sends the sizes of chunks"
)
def test_client_of_1_0(start: Start) -> None:
    got = asyncio.run(start().send(b"GET /parts HTTP/1.0\r\nHost: target\r\n\r\n"))
    assert (got.status, got.body) == (200, b"first last")
