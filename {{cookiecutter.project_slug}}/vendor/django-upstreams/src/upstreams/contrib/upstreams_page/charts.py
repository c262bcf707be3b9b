"""Small charts of the last minutes, drawn as paths of SVG."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from msgspec import Struct

from upstreams.contrib.upstreams_page.counters import SAMPLE_INTERVAL, WINDOW, Counters
from upstreams.contrib.upstreams_page.rates import PERCENTILES, Rates, between, together
from upstreams.contrib.upstreams_page.workers import Worker

WIDTH, HEIGHT = 300, 60
MARGIN = 2
LONGEST_STEP = 3 * SAMPLE_INTERVAL
"""Seconds between two samples over which a line goes on; nobody looked for longer."""

Points = Sequence[tuple[float, float | None]]


class Drawn(Struct):
    """The charts of one upstream.

    Args:
        rate: the path of the calls per second.
        highest_rate: the value at its top.
        latencies: the path of each of `PERCENTILES`.
        highest_latency: the value at their top, in seconds.
    """

    rate: str
    highest_rate: float
    latencies: list[str]
    highest_latency: float


class Charts:
    """The charts of all upstreams, drawn again only if there are new samples."""

    def __init__(self) -> None:
        self._drawn: dict[str, tuple[object, Drawn]] = {}

    def of(self, alias: str, workers: Sequence[Worker], bounds: list[float]) -> Drawn:
        """Return the charts of one upstream."""
        key = [(worker.pid, worker.samples[-1].at) for worker in workers if worker.samples]
        if alias not in self._drawn or self._drawn[alias][0] != key:
            self._drawn[alias] = key, _draw(alias, workers, bounds)
        return self._drawn[alias][1]


def _draw(alias: str, workers: Sequence[Worker], bounds: list[float]) -> Drawn:
    steps = _steps(alias, workers)
    ends = steps[-1][0] if steps else 0.0
    rates = [(at, rates.per_second) for at, rates in steps]
    latencies = [[(at, rates.percentile(share, bounds)) for at, rates in steps] for share in PERCENTILES]
    top_rate, top_latency = _highest([rates]), _highest(latencies)
    return Drawn(
        _path(rates, top_rate, ends),
        top_rate,
        [_path(line, top_latency, ends) for line in latencies],
        top_latency,
    )


def _steps(alias: str, workers: Iterable[Worker]) -> list[tuple[float, Rates]]:
    """Return what all workers counted, sample by sample; they take theirs at about the same time."""
    by_time: dict[int, list[Rates]] = {}
    for worker in workers:
        for earlier, later in pairwise(worker.samples):
            counted = between(
                earlier.by_alias.get(alias), later.by_alias.get(alias, Counters()), later.at - earlier.at
            )
            by_time.setdefault(round(later.at / SAMPLE_INTERVAL), []).append(counted)
    summed = {at * SAMPLE_INTERVAL: together(found) for at, found in sorted(by_time.items())}
    return [(at, rates) for at, rates in summed.items() if rates is not None]


def _highest(lines: Iterable[Points]) -> float:
    return max((value for line in lines for _, value in line if value is not None), default=0.0)


def _path(points: Points, highest: float, ends: float) -> str:
    """Return the `d` of a path; it is broken where there is no value, and where nobody looked."""
    parts: list[str] = []
    last: float | None = None
    for at, value in points:
        if value is None:
            last = None
            continue
        x = WIDTH - (ends - at) / WINDOW * WIDTH
        y = HEIGHT - MARGIN - (value / highest if highest else 0.0) * (HEIGHT - 2 * MARGIN)
        goes_on = last is not None and at - last <= LONGEST_STEP
        # A point alone is a line of one unit, or it could not be seen.
        parts.append(f"L{x:.1f} {y:.1f}" if goes_on else f"M{x - 1:.1f} {y:.1f}L{x:.1f} {y:.1f}")
        last = at
    return "".join(parts)
