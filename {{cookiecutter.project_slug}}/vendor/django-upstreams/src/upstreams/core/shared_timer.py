"""One timer of the event loop for the deadlines of all calls: nearly every call ends long before its own."""

import asyncio
import math
import time

from upstreams.core import debugger
from upstreams.core.cancel_scope import CancelScope

RESOLUTION = 0.001
"""Seconds; uvloop rounds to them, and fires up to half of them early."""


class SharedTimer:
    """Cancels scopes of one event loop at their times.

    The loop's timer is set for the earliest time so far, and is not moved when that scope ends; when it fires, it is set
    for the earliest time of the scopes that are left. So most scopes start and stop no timer.
    """

    def __init__(self) -> None:
        self._times: dict[CancelScope, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._fires = math.inf

    def start(self, scope: CancelScope, at: float) -> None:
        """Cancel a scope at a time, in `time.monotonic()` seconds, unless it is stopped before."""
        self._times[scope] = at
        if at < self._fires:
            self._set(at)

    def stop(self, scope: CancelScope) -> None:
        """Forget a scope, which has ended."""
        self._times.pop(scope, None)

    def close(self) -> None:
        """Cancel no scope any more."""
        self._times.clear()
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._fires = None, math.inf

    def _set(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._fires = at
        left = max(at - time.monotonic(), RESOLUTION)
        self._timer = asyncio.get_running_loop().call_later(left, self._fire)

    def _fire(self) -> None:
        now = time.monotonic()
        for scope in [scope for scope, at in self._times.items() if at <= now]:
            del self._times[scope]
            if not debugger.in_use:
                scope.cancel()
        self._timer, self._fires = None, math.inf
        if self._times:
            self._set(min(self._times.values()))
