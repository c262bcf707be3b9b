"""What the garbage collector leaves alone while the service is open."""

import gc

from upstreams.asgi import gc_tuning


def collections():
    return gc.get_stats()[0]["collections"]


def test_what_exists_and_what_requests_hold_at_once_is_not_looked_at():
    thresholds = gc.get_threshold()
    with gc_tuning.freeze_gc():
        gc.collect(0)
        before = collections()
        held = [[] for _ in range(gc_tuning.YOUNG_THRESHOLD * 9 // 10)]
        assert (collections(), gc.get_freeze_count() > 10_000) == (before, True)
        held += [[] for _ in range(gc_tuning.YOUNG_THRESHOLD)]
        assert collections() > before
    assert (gc.get_threshold(), gc.get_freeze_count()) == (thresholds, 0)
