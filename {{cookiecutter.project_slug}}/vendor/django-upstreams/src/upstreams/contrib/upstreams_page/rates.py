"""Rates and percentiles of some seconds: the difference of two counters."""

from bisect import bisect_left
from collections.abc import Iterable

from msgspec import Struct

from upstreams.contrib.upstreams_page.counters import Counters

PERCENTILES = (0.5, 0.95, 0.99)


class Rates(Struct):
    """What happened in some seconds.

    Args:
        seconds: how many.
        counted: in them.
    """

    seconds: float
    counted: Counters

    @property
    def per_second(self) -> float:
        """Calls per second."""
        return self.counted.calls / self.seconds

    def percentile(self, share: float, bounds: list[float]) -> float | None:
        """Return the seconds that this share of the calls took at most, or None without calls.

        The value is interpolated in its bucket, as Prometheus' `histogram_quantile` does.

        Args:
            share: from 0 to 1.
            bounds: of the buckets, in seconds.
        """
        buckets = self.counted.buckets
        if not buckets or not buckets[-1]:
            return None
        rank = share * buckets[-1]
        index = min(bisect_left(buckets, rank), len(buckets) - 1)
        if index == len(buckets) - 1:
            return bounds[-2]  # the last bucket has no end
        before = buckets[index - 1] if index else 0.0
        low = bounds[index - 1] if index else 0.0
        return low + (bounds[index] - low) * (rank - before) / (buckets[index] - before)


def between(earlier: Counters | None, later: Counters, seconds: float) -> Rates:
    """Return what was counted between two times; without an earlier count, it began at zero."""
    if earlier is None:
        return Rates(seconds, later)
    old = earlier.buckets or [0.0] * len(later.buckets)
    counted = Counters(
        later.calls - earlier.calls,
        later.failed - earlier.failed,
        later.retries - earlier.retries,
        later.hits - earlier.hits,
        later.misses - earlier.misses,
        [new - before for new, before in zip(later.buckets, old, strict=True)],
    )
    return Rates(seconds, counted)


def together(rates: Iterable[Rates]) -> Rates | None:
    """Return the sum over processes that counted for about as long; None of none."""
    total: Rates | None = None
    for one in rates:
        if total is None:
            total = one
            continue
        first, other = total.counted, one.counted
        buckets = (
            [a + b for a, b in zip(first.buckets, other.buckets, strict=True)]
            if first.buckets and other.buckets
            else first.buckets or other.buckets
        )
        share = total.seconds / one.seconds  # a process that has just started counted for less
        counted = Counters(
            first.calls + other.calls * share,
            first.failed + other.failed * share,
            first.retries + other.retries * share,
            first.hits + other.hits * share,
            first.misses + other.misses * share,
            buckets,
        )
        total = Rates(total.seconds, counted)
    return total
