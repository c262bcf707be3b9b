"""The part of README.md that `make bench-growth` measures."""

from collections.abc import Mapping
from typing import Any

from figures import Rounds, ratio, typical
from footers import where
from pages import named, table

CONNECTIONS, UPSTREAMS = "connections", "upstreams"
RESPONSES, UPLOADS = "a response that is passed on", "an upload that is passed on"
Levels = Mapping[str, Mapping[str, Rounds]]
WORDS = """## Growth with load
CPU ms a request, and in parentheses how many times that of the first line: what grows with the load, and what does not. With 1,000 connections each request waits for a thousand others, and the latency grows with them. Upstreams are declared, and calls are spread over them. Bodies are passed on as bytes. Each server has room for 1,024 connections to an upstream. `make bench-growth` measures it.
"""


def page(results: Mapping[str, Any]) -> str:
    kinds = results["kinds"]
    parts = [WORDS]
    for kind in (CONNECTIONS, UPSTREAMS, RESPONSES, UPLOADS):
        peers = list(dict.fromkeys(peer for played in kinds[kind].values() for peer in played))
        parts.append(table([kind, *map(named, peers)], rows(kinds[kind], peers)))
    last = [[f"{kind}: {list(levels)[-1]}", *megabytes(levels, peers)] for kind, levels in kinds.items()]
    parts += [
        "MB of a worker at the last line of each table, one process from top to bottom, but for the upstreams, which have one of their own:\n",
        table(["", *map(named, peers)], last),
    ]
    return "\n".join([*parts, f"{where(results)}.\n"])


def rows(levels: Levels, peers: list[str]) -> list[list[str]]:
    first = next(iter(levels.values()))
    return [
        [level, *(cell(played.get(peer), first.get(peer)) for peer in peers)]
        for level, played in levels.items()
    ]


def cell(rounds: Rounds | None, first: Rounds | None) -> str:
    if rounds is None:
        return "failed"
    refused = typical(rounds, "refused")
    text = f"{typical(rounds, 'cpu_ms'):.2f}"
    text += f" ({ratio('cpu_ms', rounds, first):.1f})" if first else ""
    return text + (f", {refused:.0%} refused" if refused else "")


def megabytes(levels: Levels, peers: list[str]) -> list[str]:
    last = list(levels.values())[-1]
    return [f"{typical(last[peer], 'megabytes'):.0f}" if peer in last else "failed" for peer in peers]
