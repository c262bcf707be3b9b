"""README.md, from the results alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from figures import ratio, typical
from scenarios import FASTAPI, HTTPX, HTTPX2, LIMIT, ONE_CALL, OURS, PER_REQUEST, POSTGRESQL, SQLITE, THREADS

PAGE = Path(__file__).parent / "README.md"
MARK = "<!-- From here on `make bench` writes. -->\n"
NONE = "-"
PICTURES = """
![Requests a second with a new client for each request and with a shared one](results/complaint.svg)

![CPU a request of each peer](results/cpu.svg)

![Latency percentiles of each peer](results/latency.svg)
"""

Results = Mapping[str, Any]


def write(results: Results, upstreams: Results) -> None:
    """Renews what stands below the mark."""
    words = PAGE.read_text().partition(MARK)[0]
    written = [words + MARK + PICTURES, tables(results), goals(results, upstreams), footer(results)]
    PAGE.write_text("\n".join(written))


def tables(results: Results) -> str:
    """What each peer needed, in Markdown."""
    scenarios = results["scenarios"]
    lines = [
        f"## {ONE_CALL.capitalize()}, 32 at once",
        "",
        one_call(scenarios[ONE_CALL], results["megabytes"]),
    ]
    others = {name: played for name, played in scenarios.items() if name != ONE_CALL}
    return "\n".join([*lines, "## CPU ms a request (times ours)", "", matrix(others)])


def one_call(played: Results, megabytes: Mapping[str, float]) -> str:
    heads = ["", "CPU ms a request", "times ours", "requests/s", "p50 ms", "p95 ms", "p99 ms", "MB at rest"]
    rows = []
    for peer in sorted(played, key=lambda peer: typical(played[peer], "cpu_ms")):
        figures = [typical(played[peer], name) for name in ("per_second", "p50_ms", "p95_ms", "p99_ms")]
        cells = [cpu(played, peer), f"{ratio('cpu_ms', played[peer], played[OURS]):.2f}"]
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


def goals(results: Results, upstreams: Results) -> str:
    """The goals of this template and where it stands, in Markdown."""
    scenarios, cost = results["scenarios"], upstreams["figures"]
    call = scenarios[ONE_CALL]

    def times(played: Results | None, peer: str) -> str:
        return NONE if played is None else f"{ratio('cpu_ms', played[peer], played[OURS]):.2f}"

    rows = [
        ["one call, against Django + shared httpx", times(call, HTTPX), "≥ 6", "≥ 10"],
        ["… against Django + shared httpx2", times(call, HTTPX2), "≥ 4", "≥ 6"],
        ["… against FastAPI + shared httpx2", times(call, FASTAPI), "≥ 1.2", "≥ 2"],
        ["… against threads + requests", times(call, THREADS), "≥ 1.5", "≥ 2.5"],
        ["… of the limit", times(call, LIMIT), "≥ 0.12", "≥ 0.20"],
        [
            "sync view, one query, SQLite, against Django",
            times(scenarios[SQLITE], HTTPX2),
            "≥ 2.5",
            "≥ 4",
        ],
        ["… PostgreSQL", times(scenarios.get(POSTGRESQL), HTTPX2), "≥ 2.5", "≥ 4"],
        ["a call at 1,000 idle connections / at 10", f"{cost[IDLE]:.2f}", "≤ 1.2", "≤ 1.05"],
        ["one more upstream, CPU ms", f"{cost[MORE_MS]:.2f}", "≤ 0.2", "≤ 0.1"],
        ["one more upstream, KB", f"{cost[MORE_KB]:.0f}", "≤ 15", "≤ 10"],
        ["a worker at rest, MB", f"{results['megabytes'][OURS]:.0f}", "≤ 60", "≤ 45"],
        [
            "the original complaint: requests/s, shared httpx against a client per request",
            f"{ratio('per_second', call[HTTPX], call[PER_REQUEST]):.1f}",
            NONE,
            NONE,
        ],
    ]
    return "\n".join(
        [
            "## Goals",
            "",
            "CPU a request, theirs divided by ours, but where it says otherwise.",
            "",
            table(GOALS, rows),
        ]
    )


GOALS = ["", "measured", "floor", "goal"]
IDLE = "a call at 1,000 idle connections / at 10 (goal 1.2)"
MORE_MS = "one more upstream, CPU ms (goal 0.2)"
MORE_KB = "one more upstream, KB by tracemalloc (goal 15)"


def footer(results: Results) -> str:
    """The machine and the versions."""
    where = (
        f"{results['processor']}, {results['cores']} cores; {results['system']}; Python {results['python']}"
    )
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"]["peers"].items())
    differ = [
        f"{name} {version}"
        for name, version in results["versions"]["ours"].items()
        if results["versions"]["peers"][name] != version
    ]
    ours = f" In the generated project: {', '.join(differ)}." if differ else ""
    return f"{where}. {versions}.{ours}\n"


def named(peer: str) -> str:
    return f"**{peer}**" if peer == OURS else peer


def table(heads: list[str], rows: list[list[str]]) -> str:
    """Markdown; the first column is words, the others are figures."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"
