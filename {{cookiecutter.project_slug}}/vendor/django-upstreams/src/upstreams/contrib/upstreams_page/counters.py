"""The counters of this process, as prometheus_client has them, and those of the last minutes."""

import time
from collections import deque
from typing import Any

from msgspec import Struct, field
from prometheus_client import Histogram

from upstreams.core import metrics

WINDOW = 300.0
"""Seconds of which samples are kept."""
SAMPLE_INTERVAL = 5.0
"""Seconds between two samples."""
HITS = {"hit", "revalidated", "stale"}
BOUNDS = list(Histogram.DEFAULT_BUCKETS)
"""Of the buckets of `metrics.DURATION`, in seconds; the last one is infinite. Its own has no name that is public."""


class Counters(Struct, array_like=True):
    """What one process has counted of one upstream.

    Args:
        calls: that have ended.
        failed: that have ended by an error; not those that their caller gave up.
        retries: of them.
        hits: responses of the cache, also those that the upstream confirmed, or could not.
        misses: responses that the cache did not have.
        buckets: calls by their duration: how many took at most each of the seconds of `BOUNDS`.
    """

    calls: float = 0.0
    failed: float = 0.0
    retries: float = 0.0
    hits: float = 0.0
    misses: float = 0.0
    buckets: list[float] = field(default_factory=list)


class Sample(Struct, array_like=True):
    """The counters at a time, by alias."""

    at: float
    by_alias: dict[str, Counters]


class Samples:
    """Takes a sample if somebody asks and the last one is old enough: what nobody looks at costs nothing."""

    def __init__(self) -> None:
        self.kept: deque[Sample] = deque()

    def take(self) -> tuple[float, dict[str, Counters]]:
        """Return the time and the counters."""
        now, counted = time.time(), count()
        if not self.kept or not 0 <= now - self.kept[-1].at < SAMPLE_INTERVAL:
            self.kept.append(Sample(now, counted))
        while not now - WINDOW <= self.kept[0].at <= now:  # also those of a clock that was set back
            self.kept.popleft()
        return now, counted


def count() -> dict[str, Counters]:
    """Read the counters of this process."""
    found: dict[str, Counters] = {}
    for sample in _samples(metrics.CALLS, "upstream_calls_total"):
        counters = found.setdefault(sample.labels["alias"], Counters())
        counters.calls += sample.value
        if sample.labels["outcome"] not in ("ok", "cancelled"):
            counters.failed += sample.value
    for sample in _samples(metrics.RETRIES, "upstream_retries_total"):
        found.setdefault(sample.labels["alias"], Counters()).retries = sample.value
    for sample in _samples(metrics.CACHED, "upstream_cache_responses_total"):
        counters = found.setdefault(sample.labels["alias"], Counters())
        if sample.labels["outcome"] in HITS:
            counters.hits += sample.value
        else:
            counters.misses += sample.value
    for sample in _samples(metrics.DURATION, "upstream_call_duration_seconds_bucket"):
        found.setdefault(sample.labels["alias"], Counters()).buckets.append(sample.value)
    return found


def _samples(metric: Any, name: str) -> list[Any]:
    (family,) = metric.collect()
    return [sample for sample in family.samples if sample.name == name]
