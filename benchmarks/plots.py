"""The pictures: SVG by hand, which follow the reader's light or dark scheme."""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from catalogue import (
    AIOHTTP,
    BOLT,
    BOLT_MIDDLEWARE,
    FASTAPI,
    FASTAPI_AIOHTTP,
    GO,
    HTTPX,
    HTTPX2,
    LIMIT,
    OURS,
    PER_REQUEST,
    STARLETTE_AIOHTTP,
    THREADS,
)
from figures import typical
from scenarios import ONE_CALL

WIDTH, LEFT, RIGHT, ROW, TOP = 760, 280, 140, 30, 64  # pixels
# All would be a tall picture, and a client per request would leave the others no room: the table has them.
SHOWN = (
    OURS,
    LIMIT,
    GO,
    AIOHTTP,
    STARLETTE_AIOHTTP,
    FASTAPI_AIOHTTP,
    FASTAPI,
    BOLT,
    BOLT_MIDDLEWARE,
    THREADS,
    HTTPX2,
    HTTPX,
)
SHARES = ("p50_ms", "p95_ms", "p99_ms")
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 16px; font-weight: 600 }
.small { font-size: 12px; fill: #59636e }
.name, .figure { dominant-baseline: middle }
.name { text-anchor: end }
.paper { fill: #ffffff }
.bar, .dot { fill: #8c959f }
.line { stroke: #8c959f; stroke-width: 2 }
.ours text { font-weight: 600 }
.ours .bar, .ours .dot { fill: #0969da }
.ours .line { stroke: #0969da }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc }
.small { fill: #9198a1 }
.paper { fill: #0d1117 }
.bar, .dot { fill: #656c76 }
.line { stroke: #656c76 }
.ours .bar, .ours .dot { fill: #4493f8 }
.ours .line { stroke: #4493f8 }
}
"""


class Row(NamedTuple):
    """A name, and its figures in ascending order."""

    name: str
    figures: tuple[float, ...]


def write(results: Mapping[str, Any], folder: Path) -> None:
    """Draws all pictures into a folder."""
    played = results["scenarios"][ONE_CALL]
    shown = [peer for peer in SHOWN if peer in played]
    cpu = [Row(peer, (typical(played[peer], "cpu_ms"),)) for peer in shown]
    late = [Row(peer, tuple(typical(played[peer], share) for share in SHARES)) for peer in shown]
    clients = [peer for peer in (PER_REQUEST, HTTPX, HTTPX2, OURS) if peer in played]
    complaint = [Row(peer, (typical(played[peer], "per_second"),)) for peer in clients]
    pictures = {
        "cpu": bars(
            "CPU a request, in ms", "A view that calls one upstream, 32 at once. Less is better.", cpu
        ),
        "latency": spans(
            "Time to the answer, in ms",
            "The same view, a core kept busy: the dots are p50, p95 and p99. Less is better.",
            late,
        ),
        "complaint": bars(
            "Requests a second on one core",
            "What a new client for each request costs, and what sharing it is worth. More is better.",
            complaint,
        ),
    }
    for name, picture in pictures.items():
        (folder / f"{name}.svg").write_text(picture)


def bars(title: str, subtitle: str, rows: list[Row]) -> str:
    """A picture of one figure a row."""
    rows = sorted(rows, key=lambda row: row.figures)
    longest = max(row.figures[-1] for row in rows)
    drawn = []
    for y, row in placed(rows):
        width = to_scale(row.figures[0], longest)
        bar = f'<rect class="bar" x="{LEFT}" y="{y - 9}" width="{width:.1f}" height="18" rx="2"/>'
        drawn.append(group(y, row, bar, LEFT + width, amount(row.figures[0])))
    return picture(title, subtitle, drawn)


def spans(title: str, subtitle: str, rows: list[Row]) -> str:
    """A picture of several figures a row, on one line."""
    rows = sorted(rows, key=lambda row: row.figures)
    longest = max(row.figures[-1] for row in rows)
    drawn = []
    for y, row in placed(rows):
        xs = [LEFT + to_scale(figure, longest) for figure in row.figures]
        line = f'<line class="line" x1="{xs[0]:.1f}" y1="{y}" x2="{xs[-1]:.1f}" y2="{y}"/>'
        dots = "".join(f'<circle class="dot" cx="{x:.1f}" cy="{y}" r="5"/>' for x in xs)
        drawn.append(group(y, row, line + dots, xs[-1], " · ".join(map(amount, row.figures))))
    return picture(title, subtitle, drawn)


def placed(rows: list[Row]) -> list[tuple[int, Row]]:
    return [(TOP + ROW // 2 + ROW * number, row) for number, row in enumerate(rows)]


def to_scale(figure: float, longest: float) -> float:
    return figure / longest * (WIDTH - LEFT - RIGHT)


def amount(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"


def group(y: int, row: Row, marks: str, end: float, figure: str) -> str:
    ours = ' class="ours"' if row.name == OURS else ""
    name = f'<text class="name" x="{LEFT - 10}" y="{y}">{escape(row.name)}</text>'
    return f'<g{ours}>{name}{marks}<text class="figure" x="{end + 9:.1f}" y="{y}">{figure}</text></g>'


def picture(title: str, subtitle: str, drawn: list[str]) -> str:
    height = TOP + ROW * len(drawn) + 14
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{WIDTH}" height="{height}" rx="6"/>',
            f'<text class="title" x="16" y="26">{escape(title)}</text>',
            f'<text class="small" x="16" y="46">{escape(subtitle)}</text>',
            *drawn,
            "</svg>\n",
        ]
    )
