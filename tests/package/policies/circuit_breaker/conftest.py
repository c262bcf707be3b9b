"""Open times without jitter."""

import pytest
from upstreams.policies import outage


@pytest.fixture(autouse=True)
def longest(monkeypatch):
    """No jitter: each open time is the longest."""
    monkeypatch.setattr(outage, "uniform", lambda low, high: high)
