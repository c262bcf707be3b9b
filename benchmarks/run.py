"""`make bench` measures a generated project beside its peers and writes README.md; `--quick` only prints a part."""

import asyncio
import json
import os
import platform
import random
import shutil
import signal
import ssl
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import figures
import many_upstreams
import plots
import report
import stub
from demo import ROOT
from load import load
from scenarios import HTTPX2, ONE_CALL, OURS, POSTGRESQL, QUICK, SCENARIOS, Scenario
from servers import Server, kept_to_the_other_core, running
from targets import Targets, databases, prepared, say

SECONDS, RAMP, WARM_UP = 2.0, 0.3, 0.5
ROUNDS, QUICK_ROUNDS = 5, 3
RESULTS = Path(__file__).parent / "results"
DOCS_PICTURES = ROOT / "{{cookiecutter.project_slug}}/vendor/django-upstreams/docs/images"
LIBRARIES = "django uvicorn uvloop httptools httpx2"
PEERS_LIBRARIES = f"{LIBRARIES} aiohttp httpx requests fastapi starlette gunicorn django-asgi-lifespan"
VERSIONS = (
    "import importlib.metadata as m, json, sys; print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"
)


def main() -> None:
    quick = sys.argv[1:] == ["--quick"]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            targets = prepared(Path(folder))
            results = measured(
                targets, QUICK if quick else tuple(SCENARIOS), QUICK_ROUNDS if quick else ROUNDS
            )
            if not quick:
                say("the cost of an upstream")
                many_upstreams.main(targets.project)
    except KeyboardInterrupt:
        sys.exit("stopped")
    if not quick:
        (RESULTS / "peers.json").write_text(json.dumps(results, indent=1) + "\n")
        plots.write(results, RESULTS)
        shutil.copy(RESULTS / "cpu.svg", DOCS_PICTURES)
        report.write(results, json.loads((RESULTS / "upstreams.json").read_text()))
    print(report.tables(results))


def measured(targets: Targets, names: tuple[str, ...], rounds: int) -> dict[str, Any]:
    with kept_to_the_other_core():
        return asyncio.run(measure(targets, names, rounds))


async def measure(targets: Targets, names: tuple[str, ...], rounds: int) -> dict[str, Any]:
    """Starts all servers, plays the scenarios to them, and kills them."""
    trusted = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trusted.load_cert_chain(targets.folder / "server.pem", targets.folder / "server.key")
    plain, targets.env["UPSTREAM"] = await stub.started()
    secure, targets.env["UPSTREAM_TLS"] = await stub.started(trusted)
    async with plain, secure:
        with ExitStack() as stack:
            has_postgresql = stack.enter_context(databases(targets, HTTPX2))
            scenarios = {name: SCENARIOS[name] for name in names if name != POSTGRESQL or has_postgresql}
            memory = await at_rest(targets)
            everyone = {peer: None for scenario in scenarios.values() for peer in scenario.peers}
            servers = {name: stack.enter_context(started(targets, name)) for name in everyone}
            await asyncio.gather(*(server.answers() for server in servers.values()))
            for name, scenario in scenarios.items():
                for peer in scenario.peers:
                    await is_answered(f"{name}, {peer}", servers[peer], scenario)
            played = {
                name: await play(name, scenario, servers, rounds) for name, scenario in scenarios.items()
            }
    versions = {
        "ours": json.loads(targets.python(OURS, "-c", VERSIONS, *LIBRARIES.split())),
        "peers": json.loads(targets.python(HTTPX2, "-c", VERSIONS, *PEERS_LIBRARIES.split())),
    }
    return {**machine(), "versions": versions, "megabytes": memory, "scenarios": played}


def started(targets: Targets, name: str, environment: Mapping[str, str] | None = None) -> Any:
    environment = environment or targets.environment(name)
    return running(targets.command(name), targets.cwd(name), environment, targets.log(name))


async def at_rest(targets: Targets) -> dict[str, float]:
    """Peer -> megabytes of a worker after its first answers, without what only other scenarios need."""
    scenario = SCENARIOS[ONE_CALL]
    memory = {}
    for peer in scenario.peers:
        environment = targets.environment(peer)
        environment.pop("POSTGRESQL", None)
        if peer == OURS:
            environment["DJANGO_SETTINGS_MODULE"] = "config.settings"
        with started(targets, peer, environment) as server:
            await server.answers()
            await is_answered(f"at rest, {peer}", server, scenario)
            memory[peer] = round(server.megabytes(), 1)
    return memory


async def is_answered(what: str, server: Server, scenario: Scenario) -> None:
    async with load(server.port, scenario.path, 1) as answers:
        await asyncio.sleep(0.1)
    if {answer.status for answer in answers} != {200}:
        raise SystemExit(f"{what}: {answers[-1].status} instead of 200; the server said:\n{server.said()}")


async def play(
    name: str, scenario: Scenario, servers: dict[str, Server], rounds: int
) -> dict[str, list[dict[str, float]]]:
    """Peer -> the figures of its rounds; in each round all peers have their turn, in another order."""
    say(f"{name}: {rounds} rounds of {len(scenario.peers)}")
    for peer in scenario.peers:
        async with load(servers[peer].port, scenario.path, scenario.connections):
            await asyncio.sleep(WARM_UP)
    played: dict[str, list[dict[str, float]]] = {peer: [] for peer in scenario.peers}
    for _ in range(rounds):
        for peer in random.sample(scenario.peers, len(scenario.peers)):
            played[peer].append(await turn(servers[peer], scenario, SECONDS))
    return played


async def turn(server: Server, scenario: Scenario, seconds: float) -> dict[str, float]:
    async with load(server.port, scenario.path, scenario.connections) as answers:
        await asyncio.sleep(RAMP)  # connections, the server's own ones included, open meanwhile
        already, cpu, since = len(answers), server.cpu_seconds(), time.perf_counter()
        await asyncio.sleep(seconds)
        spent, took, counted = server.cpu_seconds() - cpu, time.perf_counter() - since, answers[already:]
    figures_of_turn = figures.of_round(counted, took, spent)
    return {name: round(figure, 4) for name, figure in figures_of_turn.items()}


def machine() -> dict[str, Any]:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return {
        "processor": (models or [platform.machine()])[0],
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    main()
