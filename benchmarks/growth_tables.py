"""The part of README.md that `make bench-growth` measures."""

from collections.abc import Mapping
from typing import Any

from figures import Rounds, ratio, typical
from footers import where
from pages import named, table

CONNECTIONS, UPSTREAMS = "connections", "upstreams"
RESPONSES, UPLOADS = "a response that is passed on", "an upload that is passed on"
WORDS = """## Growth with load
CPU ms a request, and in parentheses how many times that of the first line: what grows with the load, and what does not. With 1,000 connections each request waits for a thousand others, and the latency grows with them. Upstreams are declared, and calls are spread over them. Bodies are passed on as bytes. Each server has room for 1,024 connections to an upstream. `make bench-growth` measures it.
"""


def page(results: Mapping[str, Any]) -> str:
    kinds = results["kinds"]
    parts = [WORDS]
    for kind in (CONNECTIONS, UPSTREAMS, RESPONSES, UPLOADS):
        peers = list(next(iter(kinds[kind].values())))
        parts.append(table([kind, *map(named, peers)], rows(kinds[kind])))
    last = [[f"{kind}: {list(levels)[-1]}", *megabytes(levels)] for kind, levels in kinds.items()]
    parts += [
        "MB of a worker at the last line of each table, one process from top to bottom, but for the upstreams, which have one of their own:\n",
        table(["", *map(named, peers)], last),
    ]
    return "\n".join([*parts, f"{where(results)}.\n"])


def rows(levels: Mapping[str, Mapping[str, Rounds]]) -> list[list[str]]:
    first = next(iter(levels.values()))
    return [
        [level, *(cell(rounds, first[peer]) for peer, rounds in played.items())]
        for level, played in levels.items()
    ]


def cell(rounds: Rounds, first: Rounds) -> str:
    refused = typical(rounds, "refused")
    text = f"{typical(rounds, 'cpu_ms'):.2f} ({ratio('cpu_ms', rounds, first):.1f})"
    return text + (f", {refused:.0%} refused" if refused else "")


def megabytes(levels: Mapping[str, Mapping[str, Rounds]]) -> list[str]:
    last = list(levels.values())[-1]
    return [f"{typical(rounds, 'megabytes'):.0f}" for rounds in last.values()]
