"""Records in metrics of prometheus_client without what its methods check each time: labels, signs, exemplars."""

from bisect import bisect_left
from collections.abc import Callable

from prometheus_client import Counter, Gauge, Histogram


def incrementing(counter: Counter | Gauge) -> Callable[[float], None]:
    """Return a function that adds to a counter or a gauge; the metric must not need labels any more."""
    # Private: _value of Counter and Gauge (prometheus_client), one value of this process, or of its file that all workers read;
    # tests/package/metrics/test_recording.py compares what comes out with what `inc` counts.
    counted: Callable[[float], None] = counter._value.inc
    return counted


def observing(histogram: Histogram) -> Callable[[float], None]:
    """Return a function that adds an observation to a histogram; the metric must not need labels any more."""
    # Private: Histogram._sum, _buckets and _upper_bounds (prometheus_client), whose last one is infinite; as above.
    add = histogram._sum.inc
    in_buckets = [bucket.inc for bucket in histogram._buckets]
    bounds = histogram._upper_bounds

    def observe(amount: float) -> None:
        add(amount)
        in_buckets[bisect_left(bounds, amount)](1)

    return observe
