"""Thousands of clients at once, in a process of their own, so that they do not delay the requests of the test.

Prints the outcome of each of them, as JSON: `[status or null, seconds, has Retry-After]`.
"""

import asyncio
import contextlib
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable

Outcome = tuple[int | None, float, bool]


def load(kind: str, port: int, path: str, clients: int, at_once: int) -> list[Outcome]:
    """Blocks until all clients of this kind, a function below, are done."""
    command = [sys.executable, __file__, kind, str(port), path, str(clients), str(at_once)]
    done = subprocess.run(command, capture_output=True, check=True, timeout=120)
    return [tuple(outcome) for outcome in json.loads(done.stdout)]


async def gives_up(port: int, path: str, others: asyncio.Barrier) -> Outcome:
    """Send a request, and leave after 0 to 60 ms."""
    return await exchange(port, f"GET {path}", patience=random.uniform(0, 0.06))


async def waits(port: int, path: str, others: asyncio.Barrier) -> Outcome:
    """Send a request as soon as all are connected, and wait for the response."""
    return await exchange(port, f"GET {path}", others=others)


async def drips(port: int, path: str, others: asyncio.Barrier) -> Outcome:
    """Send a byte of the body every quarter of a second, and leave after 6 s."""
    return await exchange(port, f"POST {path}", "Content-Length: 1000\r\n", patience=6, drip=0.25)


async def exchange(
    port: int,
    line: str,
    more: str = "",
    patience: float | None = None,
    drip: float | None = None,
    others: asyncio.Barrier | None = None,
) -> Outcome:
    raw = b""
    response: asyncio.Future[bytes] | None = None
    async with connecting:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    if others is not None:
        await others.wait()
    started = time.perf_counter()
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(patience):
            writer.write(f"{line} HTTP/1.1\r\nHost: target\r\nConnection: close\r\n{more}\r\n".encode())
            response = asyncio.ensure_future(reader.read())
            while not (await asyncio.wait([response], timeout=drip))[0]:
                writer.write(b"x")
            raw = await response
    with contextlib.suppress(OSError, TimeoutError):
        # Until the other side has seen it. Clients that outrun a server measure the length of its backlog.
        if response is not None and not response.done():
            writer.write_eof()
            await asyncio.wait_for(response, 20)
    writer.close()
    status = int(raw[9:12]) if raw.startswith(b"HTTP/1.1 ") else None
    return status, time.perf_counter() - started, b"\nretry-after:" in raw.lower()


# More at once do not fit into the backlog of a listener, and TCP tries again ever later.
connecting = asyncio.Semaphore(200)


async def main(kind: str, port: str, path: str, clients: str, at_once: str) -> None:
    client: Callable[[int, str, asyncio.Barrier], Awaitable[Outcome]] = globals()[kind]
    turns, others = asyncio.Semaphore(int(at_once)), asyncio.Barrier(int(clients))

    async def in_turn() -> Outcome:
        async with turns:
            return await client(int(port), path, others)

    print(json.dumps(await asyncio.gather(*(in_turn() for _ in range(int(clients))))))


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(main(*sys.argv[1:]))
