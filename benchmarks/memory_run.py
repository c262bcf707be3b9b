"""`make bench-memory` measures a worker's memory before, while and after it answers 100,000 requests; for README.md."""

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import memory_table
import report
import stub
from catalogue import HTTPX2, OURS
from footers import machine
from growing import PEERS
from load import get, load
from playing import PeerFailed, blamed, is_answered
from scenarios import Scenario, asked
from servers import Server, kept_to_the_other_core, raise_open_files
from targets import Targets, prepared, say

REQUESTS = 100_000
PATIENCE = 900.0  # seconds for the requests of one peer
REST = asked("/v1/quotes/any", tuple(PEERS))
LOAD = replace(REST, requests=(*[get("/v1/quotes/any")] * 9, get("/v1/quotes/error")))
"""The upstream answers one request in ten with an error."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=REQUESTS, help="fewer are printed, not written")
    requests = parser.parse_args().requests
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    raise_open_files()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            targets = prepared(Path(folder), PEERS)
            with kept_to_the_other_core():
                found = asyncio.run(measure(targets, requests))
    except (KeyboardInterrupt, PeerFailed) as error:
        sys.exit(str(error) or "stopped")
    results = {**machine(), "requests": requests, "peers": found}
    if requests == REQUESTS:
        report.keep("memory", results)
    print(memory_table.page(results))


async def measure(targets: Targets, requests: int) -> dict[str, dict[str, float]]:
    """Peer -> its megabytes; one after the other, each in a process of its own."""
    server, targets.env["UPSTREAM"] = await stub.started()
    targets.env["UPSTREAM_URLS"] = targets.env["UPSTREAM"]
    found = {}
    async with server:
        targets.python(OURS, "manage.py", "migrate", "-v0")
        targets.python(HTTPX2, "-m", "django", "migrate", "-v0")
        for peer in PEERS:
            say(f"{requests:,} requests to {peer}")
            try:
                with targets.running(peer) as running, blamed(peer, running):
                    await running.answers()
                    await is_answered(f"at rest, {peer}", running, REST)
                    found[peer] = await grown(running, LOAD, requests)
            except PeerFailed as failed:
                if peer == OURS:
                    raise
                say(f"{failed}\n{peer} is left out")
    return found


async def grown(server: Server, scenario: Scenario, requests: int) -> dict[str, float]:
    """Megabytes before the load, at most under it, and a second after it.

    Raises:
        TimeoutError: the server needs more than `PATIENCE` for them.
    """
    rest = peak = server.megabytes()
    since = time.perf_counter()
    async with load(server.port, scenario.requests, scenario.connections) as answers:
        while len(answers) < requests:
            await asyncio.sleep(0.25)
            peak = max(peak, server.megabytes())
            if time.perf_counter() - since > PATIENCE:
                raise TimeoutError(f"{len(answers):,} of {requests:,} answers in {PATIENCE:.0f} s")
    await asyncio.sleep(1)
    errors = sum(answer.status != 200 for answer in answers) / len(answers)
    found: dict[str, Any] = {"rest": rest, "peak": peak, "after": server.megabytes(), "errors": errors}
    return {name: round(figure, 3) for name, figure in found.items()}


if __name__ == "__main__":
    main()
