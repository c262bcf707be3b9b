"""The picture of the dashboard is drawn from what was recorded, and shows the panels that there are."""

import json
from pathlib import Path
from xml.etree import ElementTree

import board
import plots
import pytest
from board_chart import draw, rounded_up
from board_run import PICTURES, RESULTS, draw_all, named
from generation import ROOT

SVG = "{http://www.w3.org/2000/svg}"


def test_the_pictures_are_what_was_recorded(tmp_path: Path) -> None:
    draw_all(tmp_path)
    assert {file.name: (PICTURES / file.name).read_text() for file in tmp_path.iterdir()} == {
        file.name: file.read_text() for file in tmp_path.iterdir()
    }


def test_the_start_page_shows_what_the_benchmark_has_measured(tmp_path: Path) -> None:
    plots.write(json.loads((ROOT / "benchmarks/results/peers.json").read_text()), tmp_path)
    assert (PICTURES / "cpu.svg").read_text() == (tmp_path / "cpu.svg").read_text()


def test_what_was_recorded_are_the_panels_of_today() -> None:
    recorded = json.loads(RESULTS.read_text())["rows"]
    assert titles(recorded) == titles(board.rows())


def titles(rows: list[dict[str, object]]) -> list[tuple[object, list[str]]]:
    return [(row["title"], [panel["title"] for panel in row["panels"]]) for row in rows]  # type: ignore[attr-defined]


def test_a_curve_has_a_gap_where_a_value_is_missing(tmp_path: Path) -> None:
    points = [(0, 1), (4, 2), (8, float("nan")), (12, 3), (16, 3)]
    panel = {"title": "<A>", "unit": "s", "series": {"a": points}}
    draw(
        {"phases": [["healthy", 0, 20]], "rows": [{"title": "R", "panels": [panel]}]},
        tmp_path / "picture.svg",
    )
    picture = ElementTree.parse(tmp_path / "picture.svg")
    assert [len(curve.attrib["points"].split()) for curve in picture.iter(f"{SVG}polyline")] == [2, 2]
    assert "<A>" in [text.text for text in picture.iter(f"{SVG}text")]


@pytest.mark.parametrize(
    ("value", "top"), [(0, 1), (0.21, 0.3), (0.0042, 0.005), (7, 7), (45, 50), (107, 200)]
)
def test_an_axis_ends_at_a_number_of_one_digit(value: float, top: float) -> None:
    assert rounded_up(value) == top


def test_a_legend_leaves_out_labels_that_a_series_lacks() -> None:
    assert named("{{alias}} {{task}}", {"alias": "quotes"}) == "quotes "
