"""Responses of 200 MB, and garbage of 5 MB: how much memory the process takes."""

import asyncio
import socket
from collections.abc import Callable

import psutil
import pytest
from client import raw_request
from processes import wait_until
from target import Target

Start = Callable[..., Target]
LARGE = 200 * 10**6
READ_WHOLE = "fails: Django reads a sync iterator whole"


async def receive(target: Target, path: str) -> int:
    """Read a response to its end, and return its bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    writer.write(raw_request("GET", path, {"Host": "target", "Connection": "close"}))
    size = 0
    while chunk := await reader.read(2**20):
        size += len(chunk)
    writer.close()
    return size


@pytest.mark.row("F37", "200 MB by FileResponse, and by a generator", plain=READ_WHOLE)
@pytest.mark.parametrize("path", ["/file", "/async-file", "/generator", "/async-generator"])
def test_large_response(start: Start, path: str) -> None:
    target = start()
    target.get("/pid")
    before = target.megabytes()
    assert asyncio.run(receive(target, path)) > LARGE
    assert target.megabytes() - before < 8


@pytest.mark.row("F37", "a client leaves while 200 MB are sent", plain=READ_WHOLE)
@pytest.mark.parametrize("path", ["/generator", "/async-generator"])
def test_client_leaves_a_large_response(start: Start, path: str) -> None:
    target = start()
    with socket.create_connection(("127.0.0.1", target.port)) as client:
        client.sendall(raw_request("GET", path, {"Host": "target"}))
        received = b""
        while not received.endswith(b"x"):  # with the head alone, the generator may not have begun
            received += client.recv(65536)
        assert received.startswith(b"HTTP/1.1 200")
    assert wait_until(lambda: "the generator was closed" in target.log(), 2)


@pytest.mark.row("F38", "150 requests that each leave a cycle of 5 MB", plain="passes: Python collects them")
def test_cycles(start: Start) -> None:
    target = start()
    target.get("/pid")
    before = target.megabytes()
    assert [target.get("/cycle").status for _ in range(150)] == [200] * 150
    assert target.megabytes() - before < 1.3 * 183  # stock Django's growth


@pytest.mark.row("F61", "240 forms of 2.5 MB are refused", plain="fails: its memory stays with it")
def test_refused_forms(start: Start) -> None:
    target = start()
    target.get("/pid")
    before = resident(target)
    assert set(asyncio.run(refused_forms(target, 240))) <= {403, 503}
    assert target.megabytes() - before < 256
    assert wait_until(lambda: resident(target) - before < 16, 5)


def resident(target: Target) -> float:
    """The megabytes of its process now."""
    return float(psutil.Process(target.running.process.pid).memory_info().rss) / 2**20


async def refused_forms(target: Target, number: int) -> list[int]:
    """Send forms with a cookie of CSRF and without its token, and return the statuses that clients could read."""
    fields = {"Cookie": f"csrftoken={'a' * 32}", "Content-Type": "application/x-www-form-urlencoded"}
    turns = asyncio.Semaphore(40)

    async def send() -> int | None:
        async with turns:
            try:
                return (await target.ask("/counts", 60, fields, "POST", b"a=" + b"x" * 2_500_000)).status
            except (ConnectionError, AssertionError):  # refused while it was sent
                return None

    found = await asyncio.gather(*(send() for _ in range(number)))
    return [status for status in found if status is not None]
