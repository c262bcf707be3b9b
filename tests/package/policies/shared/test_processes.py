"""Processes that know nothing of each other keep to one quota, and use it."""

import asyncio
import sys
import time
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path

import pytest

from policies.shared.conftest import URL

CALLER = Path(__file__).parent / "caller.py"
RESPONSE = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Arrivals:
    """The times at which requests have come."""

    def __init__(self):
        self.times = []
        self._came = asyncio.Event()

    def add(self):
        self.times.append(time.monotonic())
        self._came.set()

    async def wait(self, number):
        while len(self.times) < number:
            self._came.clear()
            await self._came.wait()
        return self.times[number - 1]


@asynccontextmanager
async def counting():
    arrivals = Arrivals()

    async def serve(reader, writer):
        with closing(writer):
            try:
                while await reader.readuntil(b"\r\n\r\n"):
                    arrivals.add()
                    writer.write(RESPONSE)
            except (asyncio.IncompleteReadError, ConnectionError):
                pass

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", arrivals
    finally:
        server.close()
        server.close_clients()
        await server.wait_closed()


@asynccontextmanager
async def calling(*arguments):
    pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
    process = await asyncio.create_subprocess_exec(sys.executable, CALLER, *arguments, **pipes)
    try:
        yield process
    finally:
        process.kill()
        await process.communicate()


@pytest.mark.processes
@pytest.mark.parametrize(
    ("number", "calls"), [(2, 100), pytest.param(8, 1500, marks=pytest.mark.long)], ids=["2", "8"]
)
async def test_the_quota_is_kept_and_used_by_all_processes_together(prefix, number, calls):
    rate = 100
    async with counting() as (url, arrivals), AsyncExitStack() as stack:
        processes = []
        for _ in range(number):
            processes.append(await stack.enter_async_context(calling(url, URL, prefix, str(rate))))
        for process in processes:
            assert await process.stdout.readline() == b"ready\n"
        for process in processes:
            process.stdin.write(b"go\n")
        async with asyncio.timeout(60):
            began = await arrivals.wait(50)  # by then, all of them call
            ended = await arrivals.wait(50 + calls)
    used = calls / (ended - began) / rate
    assert 0.95 <= used <= 1.02
