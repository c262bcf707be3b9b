"""`make bench` measures a generated project beside its peers and writes README.md; `--quick` only prints a part."""

import argparse
import asyncio
import shutil
import signal
import ssl
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import many_upstreams
import plots
import report
import stub
from catalogue import HTTPX2, OURS, PEERS
from demo import ROOT
from footers import machine, versions
from playing import SECONDS, PeerFailed, blamed, is_answered, play
from scenarios import ONE_CALL, POSTGRESQL, QUICK, SCENARIOS, Scenario
from servers import kept_to_the_other_core
from targets import Targets, databases, prepared, say

ROUNDS, QUICK_ROUNDS = 5, 3
DOCS_PICTURES = ROOT / "{{cookiecutter.project_slug}}/vendor/django-upstreams/docs/images"


def main() -> None:
    options = parsed()
    rounds = options.rounds or (QUICK_ROUNDS if options.quick else ROUNDS)
    is_whole = not options.quick and rounds >= ROUNDS
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            scenarios = chosen(QUICK if options.quick else SCENARIOS, options.peers)
            asked = {OURS, HTTPX2}.union(*(scenario.peers for scenario in scenarios.values()))
            targets = prepared(Path(folder), {name: PEERS[name] for name in PEERS if name in asked})
            with kept_to_the_other_core():
                results = asyncio.run(measure(targets, scenarios, rounds, options.seconds))
            print(report.tables(results))
            if is_whole:
                plots.write(results, report.RESULTS)
                shutil.copy(report.RESULTS / "cpu.svg", DOCS_PICTURES)
                report.keep("peers", results)
                say("the cost of an upstream")
                many_upstreams.main(targets.project)
                report.write()
    except (KeyboardInterrupt, PeerFailed) as error:
        sys.exit(str(error) or "stopped")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument(
        "--rounds", type=int, help="of each scenario; fewer than five are printed, not written"
    )
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each turn")
    parser.add_argument("--peers", help="with --quick: whom to measure instead, names divided by semicolons")
    return parser.parse_args()


def chosen(scenarios: Mapping[str, Scenario], peers: str | None) -> dict[str, Scenario]:
    if peers is None:
        return dict(scenarios)
    return {ONE_CALL: replace(SCENARIOS[ONE_CALL], peers=tuple(map(str.strip, peers.split(";"))))}


async def measure(
    targets: Targets, scenarios: Mapping[str, Scenario], rounds: int, seconds: float
) -> dict[str, Any]:
    """Starts all servers, plays the scenarios to them, and kills them."""
    trusted = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trusted.load_cert_chain(targets.folder / "server.pem", targets.folder / "server.key")
    plain, targets.env["UPSTREAM"] = await stub.started()
    secure, targets.env["UPSTREAM_TLS"] = await stub.started(trusted)
    async with plain, secure:
        with ExitStack() as stack:
            has_postgresql = stack.enter_context(databases(targets, HTTPX2))
            scenarios = {
                name: scenario for name, scenario in scenarios.items() if name != POSTGRESQL or has_postgresql
            }
            memory = await at_rest(targets, scenarios[ONE_CALL])
            scenarios = {
                name: replace(scenario, peers=targets.had(scenario.peers))
                for name, scenario in scenarios.items()
            }
            everyone = {peer: None for scenario in scenarios.values() for peer in scenario.peers}
            servers = {name: stack.enter_context(targets.running(name)) for name in everyone}
            for name, server in servers.items():
                with blamed(name, server):
                    await server.answers()
            for name, scenario in scenarios.items():
                for peer in scenario.peers:
                    await is_answered(f"{name}, {peer}", servers[peer], scenario)
            played = {
                name: await play(name, scenario, servers, rounds, seconds)
                for name, scenario in scenarios.items()
            }
    lost = {peer: "it failed under load" for peer in memory if peer not in played[ONE_CALL]}
    found = {"versions": versions(targets), "missing": targets.missing | lost}
    return {**machine(), **found, "megabytes": memory, "scenarios": played}


async def at_rest(targets: Targets, scenario: Scenario) -> dict[str, float]:
    """Peer -> megabytes of a worker after its first answers, without what only other scenarios need.

    A peer that cannot be started is missing from then on.

    Raises:
        PeerFailed: it is ours.
    """
    memory = {}
    for peer in targets.had(scenario.peers):
        environment = targets.environment(peer)
        environment.pop("POSTGRESQL", None)
        if peer == OURS:
            environment["DJANGO_SETTINGS_MODULE"] = "config.settings"
        try:
            with targets.running(peer, environment) as server, blamed(f"at rest, {peer}", server):
                await server.answers()
                await is_answered(f"at rest, {peer}", server, scenario)
                memory[peer] = round(server.megabytes(), 1)
        except PeerFailed as failed:
            if peer == OURS:
                raise
            say(f"{failed}\n{peer} is left out")
            targets.missing[peer] = failed.why
    return memory


if __name__ == "__main__":
    main()
