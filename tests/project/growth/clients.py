"""Clients that send bytes as they are, many at once."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

AT_ONCE = 40
SECONDS = 20
CLOSES = b"Connection: close\r\n"


async def read_all(port: int, request: bytes) -> bytes:
    """Send a request, and return the response."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received = b""
    try:
        # The server may have refused it before all is sent.
        with contextlib.suppress(ConnectionError):
            writer.write(request.replace(b"\r\n", b"\r\n" + CLOSES, 1))
            received = await asyncio.wait_for(reader.read(), SECONDS)
    finally:
        writer.close()
    return received


async def briefly(port: int, request: bytes) -> bytes:
    """Send a request, take what comes within a second, and reset the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received = bytearray()
    with contextlib.suppress(ConnectionError, TimeoutError):
        async with asyncio.timeout(1):
            writer.write(request)
            while len(received) < 200_000 and (part := await reader.read(65536)):
                received += part
    writer.transport.abort()
    return bytes(received)


async def leave(port: int, request: bytes) -> bytes:
    """Send a request, wait until the server has taken it or sends something, and reset the connection."""
    _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    with contextlib.suppress(ConnectionError, TimeoutError):
        writer.write(request)
        await asyncio.wait_for(writer.drain(), 0.2)
        await asyncio.sleep(0.02)
    writer.transport.abort()
    return b""


def send(
    port: int,
    count: int,
    made: Callable[[int], bytes],
    how: Callable[[int, bytes], Awaitable[bytes]],
    first: int,
) -> None:
    """Send this many requests of a sort."""

    async def all_of_them() -> None:
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(number: int) -> None:
            async with turns:
                await how(port, made(number))

        await asyncio.gather(*(one(first + number) for number in range(count)))

    asyncio.run(all_of_them())
