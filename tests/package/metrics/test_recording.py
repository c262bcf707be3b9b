"""What is recorded without prometheus_client's own methods is what they would have recorded."""

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.values import MultiProcessValue
from upstreams.core.recording import incrementing, observing

BOUNDS = (0.005, 0.01, 1)
AMOUNTS = [0, 0.004, 0.005, 0.0050001, 0.01, 0.5, 1, 1.5, 1e9]


@pytest.fixture(params=["one process", "several processes"])
def registry(request, monkeypatch, tmp_path):
    """Makes registries of a counter and a histogram, with values in memory or in files."""
    if request.param == "several processes":
        monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
        monkeypatch.setattr("prometheus_client.values.ValueClass", MultiProcessValue(lambda: 1))
    return CollectorRegistry()


@pytest.fixture
def metrics(registry):
    counters = Counter("calls", "Calls", ["alias"], registry=registry)
    durations = Histogram("seconds", "Seconds", ["alias"], buckets=BOUNDS, registry=registry)
    return counters, durations


def lines(registry, alias):
    found = generate_latest(registry).decode().splitlines()
    return [line.replace(alias, "") for line in found if alias in line and "_created" not in line]


def test_counters_and_histograms_hold_the_same(registry, metrics):
    counters, durations = metrics
    count, observe = incrementing(counters.labels("ours")), observing(durations.labels("ours"))
    for amount in AMOUNTS:
        counters.labels("theirs").inc(amount)
        durations.labels("theirs").observe(amount)
        count(amount)
        observe(amount)
    assert lines(registry, "ours") == lines(registry, "theirs")
    assert len(lines(registry, "ours")) == 1 + len(BOUNDS) + 1 + 2


def test_both_ways_add_to_the_same_values(registry, metrics):
    counters, durations = metrics
    counters.labels("a").inc(2)
    incrementing(counters.labels("a"))(3)
    durations.labels("a").observe(0.5)
    observing(durations.labels("a"))(0.25)
    assert registry.get_sample_value("calls_total", {"alias": "a"}) == 5
    assert registry.get_sample_value("seconds_sum", {"alias": "a"}) == 0.75
