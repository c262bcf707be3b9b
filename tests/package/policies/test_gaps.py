"""A gap of an upstream costs its callers what it lasts, whatever its kind, and little more."""

import pytest

from policies.gaps import LATENCY, play

CONNECT_TIMEOUT = 1.0
ATTEMPT_TIMEOUT = 1.0
KINDS = {
    "refused": 0,
    "dropped": CONNECT_TIMEOUT,
    "reset": 0,
    "overloaded": 0,
    "paused": 0,
    "swallowed": ATTEMPT_TIMEOUT,
    "one_of_two_refused": 0,
}
"""How an upstream is away -> the seconds until an attempt that began in the gap fails."""
GAPS = [
    (0.1, 5),
    (0.1, 50),
    (0.1, 500),
    (0.3, 5),
    (0.3, 50),
    (0.3, 500),
    (1, 5),
    (1, 50),
    (1, 500),
    (3, 5),
    (3, 50),
    pytest.param(3, 500, marks=pytest.mark.long),
    (30, 5),
    (30, 50),
    pytest.param(30, 500, marks=pytest.mark.long),
]
"""Seconds, and calls per second."""


def bound(seconds, rate, times=1):
    """The errors that gaps may cost: half as many again as there are calls in them.

    And those that the open breaker refuses while the response to its probe is under way, and a call at either end.
    """
    return times * (1.5 * seconds * rate + LATENCY * rate + 2)


def amplification(how, seconds, rate):
    """The attempts per call that a gap may cost: three where it is too short for the budget and the breaker."""
    return 1.2 if seconds >= 3 and rate * seconds >= 100 and how != "one_of_two_refused" else 3


@pytest.mark.parametrize(("seconds", "rate"), GAPS)
@pytest.mark.parametrize("how", KINDS)
def test_a_gap_costs_half_as_much_again_as_it_lasts(monkeypatch, how, seconds, rate):
    keys = {"attempt_timeout": ATTEMPT_TIMEOUT} if how == "swallowed" else {}
    outcome = play(monkeypatch, how, seconds, rate, **keys)
    assert outcome.ends_well
    assert outcome.errors <= bound(seconds + KINDS[how], rate)
    assert outcome.attempts <= amplification(how, seconds, rate) * (seconds * rate + 1)


@pytest.mark.parametrize(("seconds", "rate"), [(0.3, 500), (1, 50), (3, 50)])
def test_gaps_that_follow_each_other_cost_the_same_each(monkeypatch, seconds, rate):
    outcome = play(monkeypatch, "refused", seconds, rate, times=8)
    assert outcome.ends_well
    assert outcome.errors <= bound(seconds, rate, times=8)
