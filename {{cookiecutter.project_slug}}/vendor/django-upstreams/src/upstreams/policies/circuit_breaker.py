"""A circuit breaker: no calls for a while to an upstream that fails (Nygard, Release It!, ch. 5).

closed --too many calls fail--> open --the open time passes--> half open --a probe succeeds--> closed
                                ^----------- the probe fails: open for longer --'
An operator can hold it open, until it is reset.
"""

import asyncio
import math
from collections.abc import Callable
from time import monotonic, time
from typing import Literal, get_args

from upstreams.core.call import Call
from upstreams.core.errors import (
    Limit,
    UpstreamConnectionError,
    UpstreamDecodeError,
    UpstreamProtocolError,
    UpstreamTimeout,
)
from upstreams.core.httpx import Request, Response, Transport
from upstreams.policies.base import Policy
from upstreams.policies.open_circuit import Change, circuit_open
from upstreams.policies.outage import Outage
from upstreams.policies.sliding_window import SlidingWindow

State = Literal["closed", "half_open", "open"]
STATES: tuple[State, ...] = get_args(State)


class CircuitBreaker(Policy):
    """Opens when too many calls fail; half open, it lets one call through as a probe, which decides.

    The attempts of a call count once, and not as a failure if the last one succeeds. Each probe that fails makes the
    open time longer. Calls that began before the breaker last opened or closed no longer count (gobreaker's
    generations).

    Args:
        inner: the next transport.
        failure_ratio: the share of failed calls at which it opens.
        minimum_calls: calls in the window below which it does not open.
        window: seconds over which calls are counted.
        connect_failures: consecutive calls without a connection that open it, however few calls there were.
        open_time: seconds for which it stays open at first, at most.
        max_open_time: seconds for which it stays open at last, at most.
        now: the clock, in seconds.

    Attributes:
        last_call_succeeded: whether the last call that says something about the upstream succeeded; None before
            the first.
        last_change: None before the first.
    """

    def __init__(
        self,
        inner: Transport,
        failure_ratio: float,
        minimum_calls: int,
        window: float,
        connect_failures: int,
        open_time: float,
        max_open_time: float,
        now: Callable[[], float] = monotonic,
    ) -> None:
        super().__init__(inner)
        self.last_call_succeeded: bool | None = None
        self.last_change: Change | None = None
        self._failure_ratio = failure_ratio
        self._minimum_calls = minimum_calls
        self._window = SlidingWindow(window)
        self._max_connect_failures = connect_failures
        self._connect_failures = 0
        self._outage = Outage(open_time, max_open_time, window)
        self._now = now
        self._generation = 1
        self._is_open = False
        self._next_probe = 0.0
        self._limit: Limit | None = None
        self._reason = ""

    @property
    def state(self) -> State:
        """The state; half open from the moment at which a call would be let through as a probe."""
        if not self._is_open:
            return "closed"
        return "open" if self._now() < self._next_probe else "half_open"

    @property
    def is_forced_open(self) -> bool:
        """Whether `force_open` holds it open."""
        return self._is_open and self._next_probe == math.inf

    def force_open(self, why: str) -> None:
        """Open it until `reset`; the reason is part of the errors of calls."""
        self._open(self._now(), None, why)
        self._next_probe = math.inf

    def reset(self, why: str) -> None:
        """Close it, and forget what has failed."""
        self._outage.is_on = False
        self._close(self._now(), why)

    def allow_probe(self) -> None:
        """Let the next call through as a probe, unless it was opened by `force_open`."""
        if not self.is_forced_open:
            self._next_probe = self._now()

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        if self._is_open:
            self._begin_probe(call)
        generation = self._generation
        succeeded: bool | None = None  # None: the call says nothing about the upstream
        connected = True
        try:
            response = await self._inner.handle_async_request(request)
            succeeded = response.status_code < 500
            return response
        except UpstreamConnectionError as error:
            succeeded, connected = None if error.was_stale else False, error.phase != "connect"
            raise
        except (UpstreamTimeout, UpstreamProtocolError, UpstreamDecodeError):
            succeeded = False
            raise
        except asyncio.CancelledError:
            # Cancelled by the deadline, the upstream was too slow; by the caller, it may be well.
            succeeded = False if self._now() >= call.deadline else None
            raise
        finally:
            if generation == self._generation:
                self._record(call, succeeded, connected)

    def _begin_probe(self, call: Call) -> None:
        now = self._now()
        if (wait := self._next_probe - now) > 0:
            raise circuit_open(call, self._reason, self._limit, wait)
        # A probe without a response does not hold up the next one: its request may be lost for good.
        self._postpone_probe(now)

    def _record(self, call: Call, succeeded: bool | None, connected: bool) -> None:
        now = self._now()
        if succeeded is None:
            if self._is_open:
                self._next_probe = now  # the probe gives its turn back
            return
        self.last_call_succeeded = succeeded
        if not self._is_open:
            self._count(call, succeeded, connected, now)
        elif succeeded:
            self._close(now, "a probe succeeded")
        else:
            self._postpone_probe(now)

    def _count(self, call: Call, succeeded: bool, connected: bool, now: float) -> None:
        is_counted = call.counted_as_failed == self._generation
        if succeeded:
            call.counted_as_failed = 0
            self._window.add(now, not is_counted, -is_counted)
        elif not is_counted:
            call.counted_as_failed = self._generation
            self._window.add(now, 1, 1)
        if connected:
            self._connect_failures = 0
        elif not is_counted:
            self._connect_failures += 1
        calls, failures = self._window.calls, self._window.failures
        if not failures and not self._outage.is_on:  # as nearly always
            return
        if self._connect_failures >= self._max_connect_failures:
            limit = Limit("BREAKER_CONNECT_FAILURES", self._max_connect_failures, "calls")
            self._open(now, limit, f"the last {limit.value} calls got no connection ({limit})")
        elif calls < self._minimum_calls:
            return
        elif failures < self._failure_ratio * calls:
            self._outage.is_on = False
        else:
            limit = Limit("BREAKER_FAILURE_RATIO", self._failure_ratio, "of the calls")
            self._open(now, limit, f"{failures} of {calls} calls failed ({limit})")

    def _open(self, now: float, limit: Limit | None, reason: str) -> None:
        self._generation += 1
        self._is_open = True
        self._limit, self._reason = limit, reason
        self.last_change = Change(time(), reason)
        self._outage.go_on(now)
        self._postpone_probe(now)

    def _close(self, now: float, why: str) -> None:
        self._generation += 1
        self._is_open = False
        self.last_change = Change(time(), why)
        self._outage.pause(now)
        self._window.clear()
        self._connect_failures = 0

    def _postpone_probe(self, now: float) -> None:
        self._next_probe = now + self._outage.open_time(now)
