"""README.md, from the results alone."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import goals
import growth_tables
import memory_table
from abilities import ABILITIES, COLUMNS, EXPLAINED
from catalogue import HTTPX, OURS, PER_REQUEST
from figures import ratio, typical
from footers import where
from pages import named, table
from scenarios import ONE_CALL

PAGE = Path(__file__).parent / "README.md"
RESULTS = Path(__file__).parent / "results"
MARK = "<!-- From here on `make bench`, `make bench-memory` and `make bench-growth` write. -->\n"
NONE = "-"
PICTURES = """
![Requests a second with a new client for each request and with a shared one](results/complaint.svg)

![CPU a request of each peer](results/cpu.svg)

![Latency percentiles of each peer](results/latency.svg)
"""
PARTS = {"memory": memory_table.page, "growth": growth_tables.page}

Results = Mapping[str, Any]


def write() -> None:
    """Renews what stands below the mark, from the files in results/."""
    words = PAGE.read_text().partition(MARK)[0]
    found = {name: read(name) for name in ("peers", "upstreams", "memory", "growth")}
    peers = found["peers"]
    assert peers is not None
    one_call = peers["scenarios"][ONE_CALL]
    parts = [
        words + MARK + PICTURES,
        tables(peers),
        f"## What each of them does\n\n{EXPLAINED}\n",
        abilities(tuple(one_call)),
        f"## Goals\n\n{goals.NOTE}\n",
        table(goals.HEADS, goals.rows(found)),
        complaint(one_call),
        footer(peers),
    ]
    parts += [page(found[name]) for name, page in PARTS.items() if found[name] is not None]
    parts += [f"`make bench-{name}` has not been run.\n" for name in PARTS if found[name] is None]
    PAGE.write_text("\n".join(parts))


def keep(name: str, results: Results) -> None:
    """Write a file in results/, and the page anew."""
    (RESULTS / f"{name}.json").write_text(json.dumps(results, indent=1) + "\n")
    write()


def read(name: str) -> Any:
    """Return the content of a file of results, or None."""
    file = RESULTS / f"{name}.json"
    return json.loads(file.read_text()) if file.exists() else None


def tables(results: Results) -> str:
    """What each peer needed, in Markdown."""
    scenarios = results["scenarios"]
    lines = [
        f"## {ONE_CALL.capitalize()}, 32 at once",
        "",
        one_call(scenarios[ONE_CALL], results["megabytes"]),
        *(f"{peer} is not measured: {why}.\n" for peer, why in results.get("missing", {}).items()),
    ]
    others = {name: played for name, played in scenarios.items() if name != ONE_CALL}
    if others:
        lines += ["## CPU ms a request (times ours)", "", matrix(others)]
    return "\n".join(lines)


def one_call(played: Results, megabytes: Mapping[str, float]) -> str:
    heads = ["", "CPU ms a request", "times ours", "requests/s", "p50 ms", "p95 ms", "p99 ms", "MB at rest"]
    rows = []
    for peer in sorted(played, key=lambda peer: typical(played[peer], "cpu_ms")):
        figures = [typical(played[peer], name) for name in ("per_second", "p50_ms", "p95_ms", "p99_ms")]
        times = f"{ratio('cpu_ms', played[peer], played[OURS]):.2f}" if OURS in played else NONE
        cells = [cpu(played, peer), times]
        cells += [f"{figure:,.0f}" if figure >= 100 else f"{figure:.1f}" for figure in figures]
        rows.append([named(peer), *cells, f"{megabytes[peer]:.0f}"])
    return table(heads, rows)


def matrix(scenarios: Mapping[str, Results]) -> str:
    peers = list(dict.fromkeys(peer for played in scenarios.values() for peer in played))
    rows = [[name, *(compared(played, peer) for peer in peers)] for name, played in scenarios.items()]
    return table(["", *map(named, peers)], rows)


def compared(played: Results, peer: str) -> str:
    if peer not in played:
        return NONE
    if peer == OURS:
        return f"**{cpu(played, peer)}**"
    return f"{cpu(played, peer)} ({ratio('cpu_ms', played[peer], played[OURS]):.2f})"


def cpu(played: Results, peer: str) -> str:
    """With the share of requests that were refused, if any: they cost less."""
    refused = typical(played[peer], "refused")
    return f"{typical(played[peer], 'cpu_ms'):.2f}" + (f", {refused:.0%} refused" if refused else "")


def abilities(peers: tuple[str, ...]) -> str:
    rows = [[named(peer), *ABILITIES[peer]] for peer in ABILITIES if peer in peers]
    return table(["", *COLUMNS], rows, figures=False)


def complaint(played: Results) -> str:
    """The question that this template began with."""
    if not {HTTPX, PER_REQUEST} <= played.keys():
        return ""
    times = ratio("per_second", played[HTTPX], played[PER_REQUEST])
    return f"One shared httpx client instead of one per request gives {times:.1f} times as many requests a second.\n"


def footer(results: Results) -> str:
    """The machine and the versions."""
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"]["peers"].items())
    differ = [
        f"{name} {version}"
        for name, version in results["versions"]["ours"].items()
        if results["versions"]["peers"][name] != version
    ]
    ours = f" In the generated project: {', '.join(differ)}." if differ else ""
    return f"{where(results)}. {versions}.{ours}\n"
