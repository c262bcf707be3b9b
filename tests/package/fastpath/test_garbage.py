"""What the garbage collector leaves alone while the service is open."""

import gc
import math
import subprocess
import sys
from pathlib import Path

import pytest
from upstreams.asgi import gc_tuning, process_memory
from upstreams.asgi.concurrency import ConcurrencyLimits
from upstreams.asgi.garbage_watch import GarbageWatch


def collections():
    return gc.get_stats()[0]["collections"]


@pytest.fixture
def watch():
    return GarbageWatch(ConcurrencyLimits(1, 1, 1))


@pytest.fixture
def thresholds():
    before = gc.get_threshold()
    yield before
    gc.enable()
    gc.set_threshold(*before)


def test_what_exists_and_what_requests_hold_at_once_is_not_looked_at(watch, thresholds):
    with gc_tuning.freeze_gc(watch):
        gc.collect(0)
        before = collections()
        held = [[] for _ in range(gc_tuning.YOUNG_THRESHOLD * 9 // 10)]
        assert (collections(), gc.get_freeze_count() > 10_000) == (before, True)
        held += [[] for _ in range(gc_tuning.YOUNG_THRESHOLD)]
        assert collections() > before
    assert (gc.get_threshold(), gc.get_freeze_count()) == (thresholds, 0)


def test_it_knows_the_thresholds_of_this_python():
    code = "import gc; print(gc.get_threshold())"
    default = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert default.strip() in map(str, gc_tuning.DEFAULT_THRESHOLDS)


def test_thresholds_of_the_project_stay(watch, thresholds):
    gc.set_threshold(5000, 20, 20)
    with gc_tuning.freeze_gc(watch):
        assert (gc.get_threshold(), gc.get_freeze_count()) == ((5000, 20, 20), 0)
        assert watch.next_check == math.inf
    assert gc.get_threshold() == (5000, 20, 20)


def test_a_collector_that_is_disabled_is_left_alone(watch, thresholds):
    gc.disable()
    with gc_tuning.freeze_gc(watch):
        assert (gc.get_threshold(), gc.get_freeze_count(), gc.isenabled()) == (thresholds, 0, False)
        assert watch.next_check == math.inf


def test_what_the_project_sets_later_stays(watch, thresholds):
    with gc_tuning.freeze_gc(watch):
        gc.set_threshold(5000, 20, 20)
    assert gc.get_threshold() == (5000, 20, 20)


def test_where_the_memory_cannot_be_read_python_counts_as_usual(watch, thresholds, monkeypatch):
    monkeypatch.setattr(process_memory, "STATM", Path("/nowhere"))
    with gc_tuning.freeze_gc(watch):
        assert gc.get_threshold() == thresholds
        assert watch.next_check == math.inf
        assert gc.get_freeze_count() > 10_000


def test_a_second_lifespan_in_the_process_is_watched_too(watch, thresholds):
    with gc_tuning.freeze_gc(GarbageWatch(ConcurrencyLimits(1, 1, 1))), gc_tuning.freeze_gc(watch):
        assert watch.next_check == 0
    assert gc.get_threshold() == thresholds
