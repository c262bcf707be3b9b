"""The bars of a waterfall, in percent of its width. The colours stand out from light and from dark backgrounds."""

from collections.abc import Iterator
from typing import Any, NamedTuple

FILLS = {
    "attempt": "#2f7ed8",
    "failed": "#d9483b",
    "connecting": "#8a63d2",
    "waiting": "#8a8f94",
    "cache": "#1f9254",
}
MINIMUM = 0.4
"""Percent that the shortest bar is wide."""
NARROW = {"waiting"}


class Bar(NamedTuple):
    """A part of a call.

    Attributes:
        x: where it begins, such as `12.50%`.
        width: such as `0.40%`.
        fill: its colour.
        y: of its upper edge, in pixels.
        height: in pixels.
    """

    x: str
    width: str
    fill: str
    y: int
    height: int


def bars(call: dict[str, Any], begin: float, duration: float) -> list[Bar]:
    """Return the bars of a call, the lowest first.

    Args:
        call: as `summary` has it.
        begin: of the axis, in milliseconds.
        duration: of the axis, in milliseconds.
    """
    return [_bar(kind, at - begin, length, duration) for kind, at, length in _parts(call)]


def _parts(call: dict[str, Any]) -> Iterator[tuple[str, float, float]]:
    """Yield the kind, the begin and the duration of each part."""
    yield (
        "waiting",
        call["begin_ms"],
        call["duration_ms"],
    )  # what is left between the others, such as a backoff
    if not call["attempts"] and (call["cache"] or call["shared"]):
        yield "cache", call["begin_ms"], call["duration_ms"]
    for attempt in call["attempts"]:
        failed = attempt["error"] is not None or (attempt["status"] or 0) >= 400
        yield "failed" if failed else "attempt", attempt["begin_ms"], attempt["duration_ms"]
        if attempt["connecting_ms"]:
            yield "connecting", attempt["begin_ms"], sum(attempt["connecting_ms"].values())
    if call["stream"] and call["attempts"]:  # its body comes after the attempt
        last = call["attempts"][-1]
        yield "attempt", last["begin_ms"], call["begin_ms"] + call["duration_ms"] - last["begin_ms"]


def _bar(kind: str, at: float, length: float, duration: float) -> Bar:
    share = 100 / duration if duration else 0.0
    x = min(max(0.0, at * share), 100 - MINIMUM)
    width = min(max(MINIMUM, length * share), 100 - x)
    y, height = (6, 4) if kind in NARROW else (2, 12)
    return Bar(f"{x:.2f}%", f"{width:.2f}%", FILLS[kind], y, height)
