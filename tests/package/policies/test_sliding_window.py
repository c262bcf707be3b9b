"""What the window of the circuit breaker counts."""

from upstreams.policies.sliding_window import SlidingWindow


def counted(*additions):
    window = SlidingWindow(10)
    for seconds, calls, failures in additions:
        window.add(1000.0 + seconds, calls, failures)
    return window.calls, window.failures


def test_it_counts_calls_and_failures():
    assert counted((0, 1, 1), (0, 1, 0), (9.9, 1, 1)) == (3, 2)


def test_it_forgets_them_when_they_are_old():
    assert counted((0, 5, 5), (4, 2, 1), (10, 1, 0)) == (3, 1)


def test_it_forgets_all_after_a_pause():
    assert counted((0, 5, 5), (9, 2, 1), (1000, 1, 0)) == (1, 0)


def test_a_failed_call_that_succeeds_after_all_is_none():
    assert counted((0, 1, 1), (1, 0, -1)) == (1, 0)


def test_a_clock_that_goes_back_loses_nothing():
    assert counted((5, 1, 1), (0, 1, 1), (6, 1, 0)) == (3, 2)


def test_its_size_does_not_grow():
    window = SlidingWindow(10)
    for second in range(1000):
        window.add(second / 10, 1, 0)
    assert window.calls == 100
    assert len(window._slices) == 10
