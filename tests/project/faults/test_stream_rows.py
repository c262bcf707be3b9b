"""Streams that are silent, connections that are kept, and views that do not return."""

import asyncio
import contextlib
from collections.abc import Callable

import pytest
from client import raw_request
from processes import wait_until
from target import Target

Start = Callable[..., Target]
TIMEOUTS = {"REQUEST": 1, "GRACEFUL_SHUTDOWN": 15}
HOST = {"Host": "target"}


@pytest.mark.row(
    "F43", "an event stream whose first event comes late", plain="passes: it has no deadline for requests"
)
def test_event_stream(start: Start) -> None:
    target = start(settings={"UPSTREAMS_TIMEOUTS": TIMEOUTS})
    assert asyncio.run(listen(target)) == (b"HTTP/1.1 200 OK", True, True)
    assert wait_until(lambda: "the events ended" in target.log(), 2)


async def listen(target: Target) -> tuple[bytes, bool, bool]:
    """Return the first line, whether the head came before an event, and whether an event came."""
    async with asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
        writer.write(raw_request("GET", "/events?seconds=2.5", HOST))
        head = await reader.readuntil(b"\r\n\r\n")
        early = asyncio.ensure_future(reader.readuntil(b"data: 1\n\n"))
        is_silent = not (await asyncio.wait([early], timeout=0.5))[0]
        event = await early
        writer.close()
    return head.partition(b"\r\n")[0], is_silent, b"data: 1" in event


@pytest.mark.row("F56", "a reload beside an open stream", plain="fails: it waits until its grace period ends")
def test_reload(start: Start) -> None:
    target = start(server="reload")
    asyncio.run(reload(target))
    assert "Traceback" not in target.log()


async def reload(target: Target) -> None:
    before = (await target.ask("/pid")).body
    _, writer = await asyncio.open_connection("127.0.0.1", target.port)
    writer.write(raw_request("GET", "/events?seconds=0", HOST))
    file = target.project / "config" / "urls.py"
    file.write_text(file.read_text())
    async with asyncio.timeout(10):
        while await pid(target) in (None, before):
            await asyncio.sleep(0.1)
    writer.close()


async def pid(target: Target) -> bytes | None:
    try:
        return (await target.ask("/pid", 5)).body
    except (OSError, AssertionError):
        return None


@pytest.mark.row(
    "F57", "a client's next request after 6 s", plain="fails: its server closes the connection after 5 s"
)
def test_kept_connection(start: Start) -> None:
    target = start()
    assert asyncio.run(twice(target.port, 6)) == 2


async def twice(port: int, pause: float) -> int:
    """Return how many of two requests on one connection get a response."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    count = 0
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        for seconds in (pause, 0):
            writer.write(raw_request("GET", "/pid", HOST))
            head = await reader.readuntil(b"\r\n\r\n")
            count += head.startswith(b"HTTP/1.1 200")
            await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split()[0]))
            await asyncio.sleep(seconds)
    writer.close()
    return count


@pytest.mark.row(
    "F45", "ten sync views that never return hold all places", plain="fails: it waits without a limit"
)
def test_stuck_views(start: Start) -> None:
    timeouts = {"REQUEST": 1, "STUCK_REQUESTS_EXIT": 3}
    target = start(settings={"UPSTREAMS_TIMEOUTS": timeouts, "UPSTREAMS_LIMITS": {"MAX_REQUESTS": 10}})
    assert {response.status for response in target.many(10, "/hang-in-thread", 5)} == {504}
    assert wait_until(lambda: target.responds(503, "/readyz"), 10)
    assert "in hang_in_thread" in target.log()
    assert target.ends_within(20)
    assert target.running.process.returncode == 1
