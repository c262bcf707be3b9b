"""Rates, percentiles and the lines of charts."""

import pytest
from prometheus_client import Histogram
from upstreams.contrib.upstreams_page import readings
from upstreams.contrib.upstreams_page.charts import Charts
from upstreams.contrib.upstreams_page.compose import compose
from upstreams.contrib.upstreams_page.counters import BOUNDS as OURS
from upstreams.contrib.upstreams_page.counters import Counters, Sample, Samples, count
from upstreams.contrib.upstreams_page.rates import Rates, between, together
from upstreams.contrib.upstreams_page.readings import Reading, WorkerState
from upstreams.contrib.upstreams_page.words import NOTHING, number, seconds
from upstreams.contrib.upstreams_page.workers import Worker
from upstreams.core import failed_calls, metrics
from upstreams.core.failed_calls import FailedCall

INFINITE = float("inf")
BOUNDS = [0.1, 0.2, 0.4, INFINITE]


@pytest.mark.parametrize(
    ("share", "buckets", "value"),
    [
        (0.5, [0, 10, 10, 10], 0.15),
        (0.5, [10, 10, 10, 10], 0.05),
        (0.95, [0, 0, 100, 100], 0.39),
        (0.99, [0, 0, 0, 5], 0.4),  # the last bucket has no end
        (0.5, [0, 0, 0, 0], None),
        (0.5, [], None),
    ],
)
def test_a_percentile_is_interpolated_in_its_bucket(share, buckets, value):
    found = Rates(1, Counters(buckets=buckets)).percentile(share, BOUNDS)
    assert found == (None if value is None else pytest.approx(value))


def test_workers_add_up():
    one = Rates(10, Counters(calls=10, failed=1, buckets=[1, 2]))
    young = Rates(5, Counters(calls=10, retries=2, buckets=[3, 4]))
    found = together([one, young, Rates(10, Counters())])
    assert (found.per_second, found.counted.retries, found.counted.buckets) == (3, 4, [4, 6])
    assert together([]) is None


def test_an_upstream_that_is_called_for_the_first_time_began_at_zero():
    assert between(None, Counters(calls=4), 2).per_second == 2
    assert between(Counters(), Counters(calls=1, buckets=[1, 1]), 1).counted.buckets == [1, 1]


async def test_the_counters_are_those_of_prometheus(upstream_mock):
    from testproject.quotes import quotes

    upstream_mock("quotes").get("random").json({"text": "a", "author": "b"}).json({}, status=400)
    before = count().get("quotes", Counters())
    await quotes.random()
    with pytest.raises(Exception, match="400"):
        await quotes.random()
    found = between(before, count()["quotes"], 1).counted
    assert (found.calls, found.failed, found.buckets[-1]) == (2, 1, 2)
    assert len(OURS) == len(found.buckets)


@pytest.mark.parametrize(
    ("times", "kept"),
    [
        ((1000.0, 1001.0, 1005.0, 1304.0), [1005.0, 1304.0]),
        ((1000.0, 900.0, 905.0), [900.0, 905.0]),  # the clock was set back
    ],
)
def test_samples_are_kept_for_some_minutes(monkeypatch, times, kept):
    clock, samples = iter(times), Samples()
    monkeypatch.setattr("upstreams.contrib.upstreams_page.counters.time.time", lambda: next(clock))
    for _ in times:
        samples.take()
    assert [sample.at for sample in samples.kept] == kept


def test_a_call_that_fails_during_a_look_is_of_the_next_one(monkeypatch):
    calls = [FailedCall(at, "GET", "random", "UpstreamTimeout", "", 1, 1.0, "") for at in (2.0, 3.0)]
    monkeypatch.setitem(failed_calls.kept.by_alias, "quotes", calls)
    monkeypatch.setattr("upstreams.contrib.upstreams_page.counters.time.time", iter((2.5, 3.5)).__next__)
    looks = [readings.read(since).failed for since in (1.0, 2.5)]
    assert looks == [{"quotes": [calls[0]]}, {"quotes": [calls[1]]}]


def seen(*samples):
    worker = Worker(1)
    last = samples[-1]
    worker.update(WorkerState(1, 0.0, last.at, {"quotes": Reading()}, last.by_alias, list(samples)))
    return worker


def test_a_line_is_broken_where_nobody_looked():
    times = (1000.0, 1005.0, 1010.0, 1100.0, 1105.0)
    worker = seen(*(Sample(at, {"quotes": Counters(calls=at)}) for at in times))
    drawn = Charts().of("quotes", [worker], BOUNDS)
    assert (drawn.highest_rate, drawn.rate.count("M"), drawn.rate.endswith("L300.0 2.0")) == (1.0, 2, True)
    assert drawn.latencies == ["", "", ""]


def test_charts_are_drawn_again_for_new_samples_alone():
    charts, samples = Charts(), [Sample(at, {"quotes": Counters(calls=at)}) for at in (1000.0, 1005.0)]
    worker = seen(*samples)
    drawn = charts.of("quotes", [worker], BOUNDS)
    assert charts.of("quotes", [worker], BOUNDS) is drawn
    worker.update(WorkerState(1, 0.0, 1010.0, {}, {}, [Sample(1010.0, {"quotes": Counters(calls=1100)})]))
    assert charts.of("quotes", [worker], BOUNDS) is not drawn


def test_a_worker_that_has_made_no_call_shows_those_of_the_others(monkeypatch):
    unused = Histogram("upstream_call_duration_seconds", "", ["alias"], registry=None)
    monkeypatch.setattr(metrics, "DURATION", unused)
    buckets = [0.0] * (len(OURS) - 1) + [7.0]
    called = {"quotes": Counters(calls=7, buckets=buckets)}
    worker = seen(Sample(1000.0, {}), Sample(1005.0, called))
    (part,) = compose([worker], Charts()).parts
    assert "p50 10\N{NO-BREAK SPACE}s" in part.charts[1].title.text


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0004, "0.4 ms"), (0.25, "250 ms"), (1.5, "1.5 s"), (600, "10 min"), (None, NOTHING)],
)
def test_durations_are_short(value, shown):
    assert seconds(value).replace("\N{NO-BREAK SPACE}", " ") == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(0, "0"), (3, "3"), (3.14159, "3.14"), (31.4159, "31.4"), (1e6, "1000000")]
)
def test_numbers_have_few_digits(value, shown):
    assert number(value) == shown
