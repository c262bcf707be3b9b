"""Numbers that a schema allows."""

import math
from typing import Any

USUAL = 1


def number(keywords: dict[str, Any], *, is_whole: bool) -> int | float:
    """Return a number within the bounds of a schema: 1, or the nearest to it that is allowed.

    Args:
        keywords: of the schema.
        is_whole: whether it must be an integer.
    """
    lowest, highest = _bounds(keywords)
    if not (math.isfinite(lowest) or math.isfinite(highest)):
        lowest = 0
    step = keywords.get("multipleOf") or (1 if is_whole else None)
    if step is None:
        if lowest <= USUAL <= highest:
            return 1.5 if highest >= 1.5 else USUAL
        return _between(lowest, highest)
    found = math.ceil(max(lowest, min(USUAL, highest)) / step) * step
    if found > highest:
        found = math.floor(highest / step) * step
    return int(found) if is_whole else found


def _bounds(keywords: dict[str, Any]) -> tuple[float, float]:
    """Return the lowest and the highest number; those next to exclusive bounds are half a step or one away."""
    low, high = keywords.get("minimum", -math.inf), keywords.get("maximum", math.inf)
    above, below = keywords.get("exclusiveMinimum"), keywords.get("exclusiveMaximum")
    if above is True:  # as in 3.0
        above = low
    if below is True:
        below = high
    whole = keywords.get("type") in ("integer", ["integer"], ["integer", "null"])
    gap = 1.0 if whole or keywords.get("multipleOf") else 0.001
    if isinstance(above, int | float) and not isinstance(above, bool):
        low = max(low, above + gap * (keywords.get("multipleOf") or 1))
    if isinstance(below, int | float) and not isinstance(below, bool):
        high = min(high, below - gap * (keywords.get("multipleOf") or 1))
    return low, high


def _between(lowest: float, highest: float) -> float:
    return lowest if math.isfinite(lowest) else highest
