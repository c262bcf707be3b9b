"""What upstreams cost a project as generated: a part of `make bench`. Measured there, with that project's Python."""

import asyncio
import json
import multiprocessing
import os
import platform
import random
import subprocess
import time
import tracemalloc
from collections.abc import Callable, Coroutine, Mapping
from contextlib import ExitStack, suppress
from importlib.metadata import version
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any

OPENINGS, ROUNDS, CALLS = 7, 11, 1600  # processes per figure; rounds of all callers; calls in each
CALLERS = {f"{client} x{n}": (client, n, 0) for n in (1, 32) for client in ("upstream", "httpx2", "aiohttp")}
CALLERS |= {f"{idle} idle": ("upstream", 1, idle) for idle in (10, 1000)}
# No connection expires while it is measured, and no call waits for one; the rest is as by default.
KEYS = (
    "MAX_CONNECTIONS",
    "POOL_IDLE_TIMEOUT",
    "CONNECTION_MAX_AGE",
    "CONNECT_TIMEOUT",
    "ATTEMPT_TIMEOUT",
    "TIMEOUT",
)
Work = Callable[..., Coroutine[Any, Any, None]]
ANSWER = b'HTTP/1.1 200 OK\r\ncontent-length: 27\r\n\r\n{"text": "It is reliable."}'


def main(project: Path) -> None:
    """Measures an installed project.

    Raises:
        CalledProcessError: it could not.
    """
    django = {"DJANGO_SETTINGS_MODULE": "config.settings", "SECRET_KEY": "x" * 50, "PYTHONPATH": str(project)}
    # aiohttp is one of those it is measured against.
    command = ["scripts/uv", "run", "--quiet", "--no-sync", "--with=aiohttp>=3.14,<4", "python", __file__]
    subprocess.run(command, cwd=project, env=os.environ | django, check=True, timeout=300)


def measure() -> None:
    cpu, memory = ({n: cost(n, traced) for n in (1, 10, 100)} for traced in (False, True))
    rounds = us_by_round()
    us = {name: median(figures) for name, figures in rounds.items()}
    ratios = [many / few for few, many in zip(rounds["10 idle"], rounds["1000 idle"], strict=True)]
    figures = {
        "one more upstream, CPU ms (goal 0.2)": (cpu[100] - cpu[10]) / 90,
        "one more upstream, KB by tracemalloc (goal 15)": (memory[100] - memory[10]) / 90,
        "a call at 1,000 idle connections / at 10 (goal 1.2)": median(ratios),
        **{f"a call, CPU us, {name}": figure for name, figure in us.items()},
        "upstream x1 / httpx2 x1": us["upstream x1"] / us["httpx2 x1"],
        "upstream x1 / aiohttp x1": us["upstream x1"] / us["aiohttp x1"],
        "upstream x32 / httpx2 x32": us["upstream x32"] / us["httpx2 x32"],
        "upstream x32 / aiohttp x32": us["upstream x32"] / us["aiohttp x32"],
    }
    libraries = {name: version(name) for name in ("aiohttp", "django", "httpx2", "msgspec", "uvloop")}
    machine = {"system": platform.platform(), "cores": os.cpu_count(), "python": platform.python_version()}
    results = machine | libraries | {"figures": figures, "open_ms": cpu, "open_kb": memory, "us": rounds}
    (Path(__file__).parent / "results" / "upstreams.json").write_text(json.dumps(results, indent=2) + "\n")
    print("\n".join(f"{name:54}{figure:8.2f}" for name, figure in figures.items()))


def cost(count: int, traced: bool) -> float:
    upstreams = {f"api{n}": {"BASE_URL": f"https://api{n}.test"} for n in range(count)}
    with ExitStack() as stack:
        pipes = (stack.enter_context(process(opening, upstreams, traced)) for _ in range(OPENINGS))
        return round(float(median(pipe.recv()[traced] for pipe in pipes)), 3)


def us_by_round() -> dict[str, list[float]]:
    with ExitStack() as stack:
        url = stack.enter_context(process(answering, {})).recv()
        upstreams = {"api": {"BASE_URL": url, **dict.fromkeys(KEYS, 1000)}}
        pipes = {n: stack.enter_context(process(calling, upstreams, url, *how)) for n, how in CALLERS.items()}
        rounds: dict[str, list[float]] = {name: [] for name in pipes}
        for name in (name for _ in range(ROUNDS + 1) for name in random.sample(list(pipes), len(pipes))):
            pipes[name].send("go")
            rounds[name].append(round(pipes[name].recv(), 1))
    return {name: figures[1:] for name, figures in rounds.items()}  # the first one warms up


def process(target: Work, upstreams: Mapping[str, object], *how: object) -> Connection:
    """A coroutine function in a fresh process, at the other end of a pipe; closing the pipe ends it."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    context.Process(target=run, args=(target, upstreams, theirs, *how)).start()  # joined at exit
    theirs.close()
    return ours


def run(target: Work, upstreams: Mapping[str, object], *arguments: object) -> None:
    import uvloop  # as uvicorn does
    from django.conf import settings
    from upstreams import Upstream

    settings.UPSTREAMS = upstreams
    _kept = [Upstream(alias) for alias in upstreams]
    with suppress(EOFError):
        uvloop.run(target(*arguments))


async def opening(pipe: Connection, traced: bool) -> None:
    from upstreams import open_clients

    if traced:
        tracemalloc.start()
    before = time.process_time()
    async with open_clients():
        pipe.send(((time.process_time() - before) * 1000, tracemalloc.get_traced_memory()[0] / 1024))


async def calling(pipe: Connection, url: str, name: str, concurrency: int, idle: int) -> None:
    import aiohttp
    import django
    import httpx2
    from upstreams import Upstream, open_clients

    async def one_after_another() -> None:
        for _ in range(CALLS // concurrency):
            answer = await get("1")
            if name == "aiohttp":  # the others have read it
                await answer.read()

    django.setup()  # for all, since all that lives in a process weighs on its garbage collector
    bare = httpx2.AsyncClient(base_url=url, limits=httpx2.Limits(max_connections=100, keepalive_expiry=1000))
    session = aiohttp.ClientSession(url, connector=aiohttp.TCPConnector(keepalive_timeout=1000))
    gets: dict[str, Any] = {"upstream": Upstream("api").get, "httpx2": bare.get, "aiohttp": session.get}
    get = gets[name]
    async with open_clients(), bare, session:
        await asyncio.gather(*(get(f"{idle}") for _ in range(idle)))
        while pipe.recv():
            before = time.process_time()
            await asyncio.gather(*(one_after_another() for _ in range(concurrency)))
            pipe.send((time.process_time() - before) / CALLS * 1e6)


async def answering(pipe: Connection) -> None:
    barriers = {number: asyncio.Barrier(number) for number in (1, 10, 1000)}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await reader.read(4096):  # all of it, it is small
            await barriers[int(request.split()[1][1:])].wait()  # so many at once need a connection each
            writer.write(ANSWER)

    server = await asyncio.start_server(answer, "127.0.0.1", backlog=1024)
    pipe.send("http://127.0.0.1:{1}".format(*server.sockets[0].getsockname()))
    await asyncio.to_thread(pipe.recv)


if __name__ == "__main__":
    measure()
