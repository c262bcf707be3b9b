"""Draws a recorded dashboard as SVG, which follows the reader's light or dark scheme."""

from collections.abc import Collection, Iterator, Mapping
from html import escape
from math import isfinite
from pathlib import Path
from typing import Any

PANEL, HEIGHT, GAP = 285, 162, 12  # pixels
INSIDE = (40, 28, 10, 46)  # left, top, right, bottom of the curves
COLORS = ("#0969da", "#bc4c00", "#1a7f37", "#8250df", "#cf222e", "#9a6700")
UNITS = {"s": " s", "percentunit": " %", "reqps": "/s", "ops": "/s", "bytes": " MB"}
SCALES = {"percentunit": 100.0, "bytes": 1 / 2**20}
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.row { font-size: 15px; font-weight: 600 }
.small { font-size: 10px; fill: #59636e }
.paper { fill: #ffffff }
.panel { fill: #f6f8fa; stroke: #d1d9e0 }
.fault { fill: #cf222e; opacity: .12 }
polyline { fill: none; stroke-width: 1.5; stroke-linejoin: round }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc }
.small { fill: #9198a1 }
.paper { fill: #0d1117 }
.panel { fill: #151b23; stroke: #3d444d }
.fault { fill: #f85149; opacity: .2 }
polyline, .mark { filter: brightness(1.5) }
}
"""
Series = Mapping[str, list[tuple[float, float]]]


def draw(results: Mapping[str, Any], file: Path, excerpt: Collection[str] = (), columns: int = 4) -> None:
    """Draw the panels of all rows.

    Args:
        results: of board_run.py.
        excerpt: titles of the only panels to draw, without the names of their rows.
    """
    begin = results["phases"][0][1]
    phases = [(name, start - begin, end - begin) for name, start, end in results["phases"]]
    rows: list[dict[str, Any]] = results["rows"]
    if excerpt:
        panels = [panel for row in rows for panel in row["panels"] if panel["title"] in excerpt]
        rows = [{"title": "", "panels": panels}]
    faults = ", ".join(f"{name} from {start:.0f} s to {end:.0f} s" for name, start, end in phases[1::2])
    title = f"The dashboard of a project whose upstream is {faults}"
    drawn: list[str] = [f'<text x="{GAP}" y="24">The upstream is {escape(faults)}</text>']
    top = 40
    for row in rows:
        if row["title"]:
            drawn.append(f'<text class="row" x="{GAP}" y="{top + 14}">{escape(row["title"])}</text>')
            top += 24
        for place, panel in enumerate(row["panels"]):
            line, column = divmod(place, columns)
            x, y = GAP + column * (PANEL + GAP), top + line * (HEIGHT + GAP)
            drawn += [f'<g transform="translate({x} {y})">', *of_panel(panel, phases), "</g>"]
        top += -(-len(row["panels"]) // columns) * (HEIGHT + GAP)
    width = GAP + columns * (PANEL + GAP)
    file.parent.mkdir(exist_ok=True)
    file.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {top}" role="img">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n"
        f'<rect class="paper" width="{width}" height="{top}"/>\n' + "\n".join(drawn) + "\n</svg>\n"
    )


def of_panel(panel: Mapping[str, Any], phases: list[tuple[str, float, float]]) -> Iterator[str]:
    left, top, right, bottom = INSIDE
    width, height = PANEL - left - right, HEIGHT - top - bottom
    length = phases[-1][2]
    scale = SCALES.get(panel["unit"], 1.0)
    series: Series = panel["series"]
    values = [value * scale for points in series.values() for _, value in points if isfinite(value)]
    most = rounded_up(max(values, default=0.0))
    yield f'<rect class="panel" width="{PANEL}" height="{HEIGHT}" rx="4"/>'
    yield f'<text x="10" y="18">{escape(panel["title"])}</text>'
    for _, start, end in phases[1::2]:
        x, wide = left + start / length * width, (end - start) / length * width
        yield f'<rect class="fault" x="{x:.1f}" y="{top}" width="{wide:.1f}" height="{height}"/>'
    yield f'<text class="small" x="{left - 4}" y="{top + 8}" text-anchor="end">{most:g}</text>'
    yield f'<text class="small" x="{left - 4}" y="{top + height}" text-anchor="end">0</text>'
    unit = UNITS.get(panel["unit"], "")
    yield f'<text class="small" x="{PANEL - 10}" y="18" text-anchor="end">{unit.strip()}</text>'
    for number, points in enumerate(series.values()):
        for part in parts(points):
            places = (
                f"{left + at / length * width:.0f},{top + height * (1 - value * scale / most):.1f}"
                for at, value in part
            )
            color = COLORS[number % len(COLORS)]
            yield f'<polyline stroke="{color}" points="{" ".join(places)}"/>'
    yield from legend(list(series))


def parts(points: list[tuple[float, float]]) -> Iterator[list[tuple[float, float]]]:
    """Yield the curve in parts: where a value is missing or no number, there is a gap."""
    part: list[tuple[float, float]] = []
    for at, value in points:
        if not isfinite(value) or (part and at - part[-1][0] > 10):
            yield part
            part = []
        if isfinite(value):
            part.append((at, value))
    yield part


def rounded_up(value: float) -> float:
    """Return the next number of one digit, such as 0.3 for 0.21, for the top of an axis."""
    if value <= 0:
        return 1
    power = 10.0 ** (len(f"{value:.0f}") - 1 if value >= 1 else -int(f"{value:e}".partition("e-")[2]))
    return float(f"{-(-value // power) * power:.3g}")


def legend(names: list[str]) -> Iterator[str]:
    """Yield the names in three lines, as far as there is space."""
    x, y = 10.0, HEIGHT - 32
    for number, name in enumerate(names):
        text = name.replace("quotes ", "").strip() or name
        needed = 14 + 5.7 * len(text)
        if x + needed > PANEL - 8:
            x, y = 10.0, y + 13
            if y > HEIGHT - 6:
                return
        yield f'<rect class="mark" fill="{COLORS[number % len(COLORS)]}" x="{x:.0f}" y="{y - 7}" width="8" height="8"/>'
        yield f'<text class="small" x="{x + 11:.0f}" y="{y}">{escape(text)}</text>'
        x += needed + 6
