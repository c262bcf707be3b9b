"""What the garbage collector leaves alone while the service is open."""

import gc

from server import garbage


def collections():
    return gc.get_stats()[0]["collections"]


def test_what_exists_and_what_requests_hold_at_once_is_not_looked_at():
    thresholds = gc.get_threshold()
    with garbage.frozen():
        gc.collect(0)
        before = collections()
        held = [[] for _ in range(garbage.YOUNG * 9 // 10)]
        assert (collections(), gc.get_freeze_count() > 10_000) == (before, True)
        held += [[] for _ in range(garbage.YOUNG)]
        assert collections() > before
    assert (gc.get_threshold(), gc.get_freeze_count()) == (thresholds, 0)
