"""Thousands of clients at once, in a process of their own: those who watch the target share no interpreter with them.

Prints what came of each of them, as JSON: `[status or null, seconds, has Retry-After]`.
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
    return [(status, seconds, told) for status, seconds, told in json.loads(done.stdout)]


async def gives_up(port: int, path: str, others: asyncio.Barrier) -> Outcome:
    """Asks, and is gone after 0 to 60 ms."""
    return await exchange(port, f"GET {path}", patience=random.uniform(0, 0.06))


async def asks(port: int, path: str, others: asyncio.Barrier) -> Outcome:
    """Asks as soon as all are connected, and waits for as long as it takes."""
    return await exchange(port, f"GET {path}", others=others)


async def drips(port: int, path: str, others: asyncio.Barrier) -> Outcome:
    """Sends its body a byte a quarter of a second, and is gone after 6 s."""
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
    answer: asyncio.Future[bytes] | None = None
    async with connecting:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    if others is not None:
        await others.wait()
    started = time.perf_counter()
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(patience):
            writer.write(f"{line} HTTP/1.1\r\nHost: target\r\nConnection: close\r\n{more}\r\n".encode())
            answer = asyncio.ensure_future(reader.read())
            while not (await asyncio.wait([answer], timeout=drip))[0]:
                writer.write(b"x")
            raw = await answer
    with contextlib.suppress(OSError, TimeoutError):
        # Until the other side has seen it. Clients that outrun a server measure the length of its backlog.
        if answer is not None and not answer.done():
            writer.write_eof()
            await asyncio.wait_for(answer, 20)
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
