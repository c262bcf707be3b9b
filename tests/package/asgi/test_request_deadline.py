"""The arithmetic of a deadline that moves."""

import time

import pytest
from upstreams.core.request_deadline import RequestDeadline


@pytest.mark.parametrize(
    ("waited", "seconds", "left"), [(0, 2, 2), (9, 2, 2), (14, 2, 1), (9, 40, 31), (9, 15, 6)]
)
def test_a_shorter_time_begins_with_the_view_and_a_longer_one_with_the_request(
    monkeypatch, waited, seconds, left
):
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    deadline = RequestDeadline(15)
    now += waited
    deadline.move(seconds, "request_timeout")
    assert deadline.at - now == left
