"""`make bench-growth` measures what a request costs as connections, upstreams and bodies grow; for README.md."""

import argparse
import asyncio
import random
import signal
import sys
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import growth_tables
import report
import stub
from catalogue import HTTPX2, OURS
from footers import machine
from growing import PEERS
from load import get, post
from playing import SECONDS, PeerFailed, Played, blamed, is_answered, turn, warm_up
from scenarios import Scenario, asked
from servers import Server, kept_to_the_other_core, raise_open_files
from targets import Targets, prepared, say

EVERYONE = tuple(PEERS)
UPSTREAMS = (1, 10, 100)
ROUNDS = 3
KEPT, KEEPS = 6.0, 32
"""Seconds after which httpx2 has closed its idle connections; more of them than this would slow the next round."""
Kind = dict[str, tuple[int, Scenario]]
"""Level -> the upstreams that the servers have, and what is asked of them."""


def kilobytes(length: int) -> str:
    return f"{length // 1000:,} KB"


# The last ones leave the most idle connections behind.
KINDS: dict[str, Kind] = {
    growth_tables.RESPONSES: {
        kilobytes(length): (1, asked(f"/v1/bodies/{size}", EVERYONE)) for size, length in stub.SIZES.items()
    },
    growth_tables.UPLOADS: {
        kilobytes(length): (1, Scenario((post("/v1/bodies", b"." * length),), EVERYONE))
        for length in stub.SIZES.values()
    },
    growth_tables.UPSTREAMS: {
        f"{number}": (number, Scenario(tuple(get(f"/v1/upstreams/{n}") for n in range(number)), EVERYONE))
        for number in UPSTREAMS
    },
    growth_tables.CONNECTIONS: {
        f"{number:,}": (1, asked("/v1/quotes/any", EVERYONE, connections=number))
        for number in (1, 32, 256, 1000)
    },
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="fewer are printed, not written")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each turn")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    raise_open_files()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            targets = prepared(Path(folder), PEERS)
            with kept_to_the_other_core():
                played = asyncio.run(measure(targets, options.rounds, options.seconds))
    except (KeyboardInterrupt, PeerFailed) as error:
        sys.exit(str(error) or "stopped")
    results = {**machine(), "kinds": played}
    if options.rounds >= ROUNDS:
        report.keep("growth", results)
    print(growth_tables.page(results))


async def measure(targets: Targets, rounds: int, seconds: float) -> dict[str, dict[str, Played]]:
    """Kind -> level -> rounds. All servers are alive at once: of each peer one for each number of upstreams."""
    async with AsyncExitStack() as stack:
        urls = []
        for _ in range(max(UPSTREAMS)):
            server, url = await stub.started()
            await stack.enter_async_context(server)
            urls.append(url)
        targets.env["UPSTREAM"] = targets.env["UPSTREAM_URLS"] = urls[0]
        targets.python(OURS, "manage.py", "migrate", "-v0")
        targets.python(HTTPX2, "-m", "django", "migrate", "-v0")
        servers: dict[int, dict[str, Server]] = {number: {} for number in UPSTREAMS}
        for number, peer in ((number, peer) for number in UPSTREAMS for peer in PEERS):
            environment = targets.environment(peer) | {"UPSTREAM_URLS": " ".join(urls[:number])}
            running = stack.enter_context(targets.running(peer, environment, f"{peer}, {number} upstreams"))
            servers[number][peer] = running
        for number, peers in servers.items():
            say(f"starting {len(peers)} servers with {number} upstreams")
            for peer, running in peers.items():
                with blamed(f"{peer}, {number} upstreams", running):
                    await running.answers()
        return {kind: await play(kind, levels, servers, rounds, seconds) for kind, levels in KINDS.items()}


async def play(
    kind: str, levels: Kind, servers: Mapping[int, Mapping[str, Server]], rounds: int, seconds: float
) -> dict[str, Played]:
    """Level -> rounds; a peer that fails is left out of its level. Each round has all levels, so that a slow minute of the machine slows all of them."""
    say(f"{kind}: {rounds} rounds of {', '.join(levels)}")
    for level, (number, scenario) in levels.items():
        for peer in scenario.peers:
            what = f"{kind}, {level}, {peer}"
            await is_answered(what, servers[number][peer], scenario)
            await warm_up(what, servers[number][peer], scenario, seconds)
    played: dict[str, Played] = {level: {peer: [] for peer in EVERYONE} for level in levels}
    for _ in range(rounds):
        for level, (number, scenario) in levels.items():
            for peer in random.sample(tuple(played[level]), len(played[level])):
                try:
                    figures = await turn(f"{kind}, {level}, {peer}", servers[number][peer], scenario, seconds)
                    played[level][peer].append(figures)
                except PeerFailed as failed:
                    say(f"{failed}\n{peer} is left out of {kind}, {level}")
                    del played[level][peer]
        await asyncio.sleep(KEPT if scenario.connections > KEEPS else 0)
    return played


if __name__ == "__main__":
    main()
