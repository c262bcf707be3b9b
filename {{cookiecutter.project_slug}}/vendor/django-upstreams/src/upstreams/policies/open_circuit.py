"""What a circuit breaker reports: its last change, and the error of a call that it refuses."""

import math
from typing import NamedTuple

from upstreams.core.call import Call
from upstreams.core.errors import Limit, UpstreamCircuitOpen


class Change(NamedTuple):
    """When a breaker opened or closed, in seconds of `time.time()`, and why."""

    at: float
    why: str


def circuit_open(call: Call, reason: str, limit: Limit | None, wait: float) -> UpstreamCircuitOpen:
    """Return the error of a call.

    Args:
        call: that is refused.
        reason: why the breaker is open.
        limit: that its calls have hit, if any.
        wait: seconds until the next probe; infinite if an operator holds it open.
    """
    forced = wait == math.inf
    fix = "reset it when the upstream is well" if forced else f"retry in {wait:.2g} s"
    what = f"the circuit breaker is open: {reason}; {fix}"
    return UpstreamCircuitOpen(what, call=call, limit=limit, retry_after=None if forced else wait)
