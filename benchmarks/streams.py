"""`make bench-streams` measures servers that pass on streams of tokens, and writes streams.md."""

import asyncio
import json
import random
import signal
import sys
import tempfile
import time
from pathlib import Path
from statistics import mean, quantiles
from typing import Any

import uvloop
from catalogue import BOLT, FASTAPI, FASTAPI_AIOHTTP, HTTPX2, OURS
from footers import machine, where
from pages import named, table
from playing import PeerFailed, blamed
from servers import Server, kept_to_the_other_core, raise_open_files
from targets import Targets, prepared, say
from tokens import INTERVAL, readers, upstream

PEERS = (OURS, BOLT, FASTAPI_AIOHTTP, FASTAPI, HTTPX2)
STREAMS = (100, 1000)
SECONDS, ROUNDS = 8.0, 2
CLOSE_TIMEOUT = 30.0
"""Seconds for the streams of the upstream to close."""
PAGE = Path(__file__).parent / "streams.md"
RESULTS = Path(__file__).parent / "results" / "streams.json"
Rounds = list[dict[str, float]]


def main() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    raise_open_files()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            targets = prepared(Path(folder))
            with kept_to_the_other_core():
                played = uvloop.run(measure(targets))
    except (KeyboardInterrupt, PeerFailed) as error:
        sys.exit(str(error) or "stopped")
    results = {**machine(), "streams": played}
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    PAGE.write_text(page(results))
    print(page(results))


async def measure(targets: Targets) -> dict[str, dict[str, Rounds]]:
    """Number of streams -> peer -> the figures of its rounds, each with a server of its own."""
    played: dict[str, dict[str, Rounds]] = {str(number): {peer: [] for peer in PEERS} for number in STREAMS}
    async with upstream() as (url, streams):
        # The views of the other scenarios read these addresses when they are imported.
        targets.env["UPSTREAM"] = targets.env["UPSTREAM_TLS"] = url
        for round_number in range(ROUNDS):
            for number in STREAMS:
                for peer in random.sample(PEERS, len(PEERS)):
                    say(f"round {round_number + 1}: {number} streams, {peer}")
                    with targets.running(peer) as server, blamed(f"{number} streams, {peer}", server):
                        await server.answers()
                        found = await play(server, number, streams)
                    played[str(number)][peer].append({name: round(it, 2) for name, it in found.items()})
    return played


async def play(server: Server, number: int, streams: set[Any]) -> dict[str, float]:
    """Read streams for some seconds, then leave them all at once."""
    async with readers(server.port, number) as (opened, delays):
        delays.clear()
        cpu, since = server.cpu_seconds(), time.perf_counter()
        await asyncio.sleep(SECONDS)
        cpu, took, counted = server.cpu_seconds() - cpu, time.perf_counter() - since, tuple(delays)
        megabytes = server.megabytes()
        lost = sum(reader.is_cut or not reader.has_begun.done() for reader in opened)
        if lost == number:
            raise RuntimeError("no stream has a token")
    left = time.perf_counter()
    while streams and time.perf_counter() - left < CLOSE_TIMEOUT:  # the server closes its connections
        await asyncio.sleep(0.001)
    cuts = quantiles(counted, n=100, method="inclusive")
    return {
        "tokens": len(counted) / took,
        "cpu_us": cpu / len(counted) * 1e6,
        "core": cpu / took * 100,
        "p50_ms": cuts[49] * 1000,
        "p99_ms": cuts[98] * 1000,
        "megabytes": megabytes,
        "lost": lost,
        "closed_ms": (time.perf_counter() - left) * 1000,
    }


def page(results: dict[str, Any]) -> str:
    """Return streams.md."""
    heads = [
        "",
        "tokens/s",
        "CPU µs a token",
        "% of a core",
        "delay p50 ms",
        "p99 ms",
        "MB",
        "lost",
        "all closed ms",
    ]
    names = ["tokens", "cpu_us", "core", "p50_ms", "p99_ms", "megabytes", "lost", "closed_ms"]
    parts = [HEAD.format(rounds=ROUNDS)]
    for number, played in results["streams"].items():
        rows = [
            [named(peer), *(f"{mean(one[name] for one in rounds):,.0f}" for name in names)]
            for peer, rounds in played.items()
        ]
        parts.append(f"## {int(number):,} streams, {int(number) / INTERVAL:,.0f} tokens a second\n")
        parts.append(table(heads, rows))
    parts.append(f"{where(results)}.\n")
    return "\n".join(parts)


HEAD = """# Streams of tokens
Each view reads server-sent events of one upstream, decodes each token, and sends it on as an event: the proxy of a language model. Each stream brings 20 tokens a second. One worker on a core of its own; upstream and clients share the other one. The delay is that from the upstream's sending to the client's reading. A stream is lost that is cut, or has no token within 30 seconds. After 8 seconds all clients leave at once; the last column is the time until the upstream's streams are closed, at most 30 s. Means of {rounds} rounds. `make bench-streams` writes this page.
"""


if __name__ == "__main__":
    main()
