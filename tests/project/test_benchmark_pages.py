"""The pages of the benchmarks: what stands there is what was measured."""

from collections.abc import Callable
from xml.etree import ElementTree

import growth_tables
import memory_table
import pytest
from abilities import ABILITIES, COLUMNS
from catalogue import HTTPX2, LIMIT, OURS, PEERS
from goals import Goal, rows
from plots import Row, bars, spans
from report import one_call
from scenarios import ONE_CALL

MACHINE = {"processor": "a processor", "cores": 2, "system": "Linux", "python": "3.13.0"}


def test_the_table_says_what_was_refused() -> None:
    played = {OURS: [figures(2)], HTTPX2: [figures(4, refused=0.25)]}
    rows = one_call(played, {OURS: 60, HTTPX2: 50}).splitlines()[2:]
    assert rows == [
        f"| **{OURS}** | 2.00 | 1.00 | 1,000 | 1.0 | 1.0 | 1.0 | 60 |",
        f"| {HTTPX2} | 4.00, 25% refused | 2.00 | 1,000 | 1.0 | 1.0 | 1.0 | 50 |",
    ]


def test_the_page_names_what_each_peer_does() -> None:
    assert ABILITIES.keys() == PEERS.keys()
    assert {len(row) for row in ABILITIES.values()} == {len(COLUMNS)}


@pytest.mark.parametrize(
    ("figure", "is_limit", "met"),
    [
        (2, False, "goal"),
        (1.9, False, "floor only"),
        (0.9, False, "**neither**"),
        (1, True, "goal"),
        (2, True, "floor only"),
        (2.1, True, "**neither**"),
    ],
    ids=str,
)
def test_a_goal_is_met_or_its_floor_or_neither(figure: float, is_limit: bool, met: str) -> None:
    floor, goal = (2, 1) if is_limit else (1, 2)
    assert Goal("", lambda _: figure, floor, goal, is_limit).row({})[-1] == met


def test_a_goal_divides_the_peers_figures_by_ours_and_says_what_was_not_measured() -> None:
    played = {OURS: [figures(2)], LIMIT: [figures(0.5)]}
    found = rows({"peers": {"scenarios": {ONE_CALL: played}}, "upstreams": None})
    assert [row for row in found if row[-1] != "not measured"] == [
        ["… of raw ASGI + raw sockets, the limit", "0.25", "≥ 0.12", "≥ 0.2", "goal"],
        ["p99 at a full core, times p50", "1.00", "-", "≤ 1.5", "goal"],
    ]


def test_memory_is_compared_with_that_at_rest() -> None:
    found = {OURS: {"rest": 60.0, "peak": 70.4, "after": 66.0, "errors": 0.1}}
    lines = memory_table.page({**MACHINE, "requests": 100_000, "peers": found}).splitlines()
    assert f"| **{OURS}** | 60 | 70 | 66 | 1.10 | 10% |" in lines


def test_growth_is_compared_with_the_first_level_round_by_round() -> None:
    levels = {"1": {OURS: [figures(2), figures(20)]}, "32": {OURS: [figures(3, 0.5), figures(30, 0.5)]}}
    kinds = dict.fromkeys(
        ("connections", "upstreams", growth_tables.RESPONSES, growth_tables.UPLOADS), levels
    )
    lines = growth_tables.page({**MACHINE, "kinds": kinds}).splitlines()
    assert lines.count("| 1 | 11.00 (1.0) |") == lines.count("| 32 | 16.50 (1.5), 50% refused |") == 4
    assert "| connections: 32 | 64 |" in lines


def test_a_level_at_which_a_peer_has_failed_is_named() -> None:
    levels = {"1": {OURS: [figures(2)], HTTPX2: [figures(4)]}, "1,000": {OURS: [figures(2)]}}
    kinds = dict.fromkeys(
        ("connections", "upstreams", growth_tables.RESPONSES, growth_tables.UPLOADS), levels
    )
    lines = growth_tables.page({**MACHINE, "kinds": kinds}).splitlines()
    assert lines.count("| 1,000 | 2.00 (1.0) | failed |") == 4


@pytest.mark.parametrize("draw", [bars, spans])
def test_a_picture_is_well_formed_and_names_every_row(draw: Callable[[str, str, list[Row]], str]) -> None:
    image = ElementTree.fromstring(draw("CPU", "<less> is better", [Row("a & b", (1,)), Row(OURS, (2,))]))
    texts = [element.text for element in image.iter() if element.text]
    assert {"CPU", "<less> is better", "a & b", OURS, "1", "2"} <= set(texts)


def figures(cpu_ms: float, refused: float = 0) -> dict[str, float]:
    latencies = {"p50_ms": 1.0, "p95_ms": 1.0, "p99_ms": 1.0}
    return {"cpu_ms": cpu_ms, "per_second": 1000, "refused": refused, "megabytes": 64.0, **latencies}
