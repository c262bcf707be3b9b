"""A proxy of token streams, whose upstream or whose client does what it should not."""

import asyncio
import contextlib
from collections.abc import Callable

import pytest
from client import raw_request
from processes import wait_until
from target import Target
from upstreams.testing.loopback import Loopback

Start = Callable[..., Target]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
TOKEN = b"data: one\n\n"
HEARTBEAT = b": still here\n\n"


async def read(target: Target, seconds: float) -> bytes | None:
    """Read a stream of tokens to its end; None if it does not end in time."""
    reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    writer.write(raw_request("GET", "/tokens/faulty", {"Host": "target", "Connection": "close"}))
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            return await reader.read()
    writer.close()
    return None


@pytest.mark.row(
    "F70", "the client of a stream of tokens leaves", plain="passes: Django cancels the iterator"
)
def test_client_leaves(start: Start, faulty: Loopback) -> None:
    faulty.on("/tokens", HEAD, TOKEN, "hang")
    target = start()

    async def leave() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
        writer.write(raw_request("GET", "/tokens/faulty", {"Host": "target"}))
        await reader.readuntil(TOKEN)
        writer.close()

    asyncio.run(leave())
    assert wait_until(lambda: faulty.open == 0, 2)


@pytest.mark.row(
    "F71",
    "heartbeats, and no token any more",
    plain="fails: its timeout is per read",
)
def test_heartbeats_without_tokens(start: Start, faulty: Loopback) -> None:
    beats = [step for _ in range(60) for step in (0.2, HEARTBEAT)]
    faulty.on("/tokens", HEAD, TOKEN, *beats, "close")
    target = start(STREAM_IDLE_TIMEOUT=1)
    received = asyncio.run(read(target, 6))
    assert received is not None
    assert TOKEN in received
    assert "STREAM_IDLE_TIMEOUT" in target.log()


@pytest.mark.row("F72", "a token without end", plain="fails: it waits in memory for the end of its line")
def test_endless_token(start: Start, faulty: Loopback) -> None:
    faulty.on("/tokens", HEAD, TOKEN, b"data: ", *[bytes(2**20).replace(b"\0", b"x")] * 100, "close")
    target = start(MAX_RESPONSE_SIZE=2**20)
    target.get("/pid")
    before = target.megabytes()
    received = asyncio.run(read(target, 30))
    assert received is not None
    assert len(received) < 2**20
    assert target.megabytes() - before < 20


@pytest.mark.row("F73", "a page instead of a stream", plain="fails: it is an empty stream with status 200")
def test_page_instead(start: Start, faulty: Loopback) -> None:
    faulty.on("/tokens", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<p>\n")
    target = start()
    received = asyncio.run(read(target, 10))
    assert received is not None
    assert not received.endswith(b"0\r\n\r\n")  # cut, so that the client does not take it for the end
