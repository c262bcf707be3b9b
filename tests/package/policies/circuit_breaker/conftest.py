"""Open times without jitter."""

import pytest
from upstreams.policies import circuit_breaker


@pytest.fixture(autouse=True)
def longest(monkeypatch):
    """No jitter: each open time is the longest."""
    monkeypatch.setattr(circuit_breaker, "uniform", lambda low, high: high)
