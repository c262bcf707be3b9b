"""A circuit breaker: no calls for a while to an upstream that fails (Nygard, Release It!, ch. 5).

closed --too many failures--> open --open_time passes--> half open --probe succeeds--> closed
                               ^---------------------- probe fails ---'
"""

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Literal, get_args

from upstreams.core.call import Call
from upstreams.core.errors import (
    Limit,
    UpstreamCircuitOpen,
    UpstreamConnectionError,
    UpstreamDecodeError,
    UpstreamProtocolError,
    UpstreamTimeout,
)
from upstreams.core.httpx import Request, Response, Transport
from upstreams.policies.base import Policy

State = Literal["closed", "half_open", "open"]
STATES: tuple[State, ...] = get_args(State)

MAX_CONNECT_FAILURES = 5
"""Consecutive failures to connect that open the breaker, however few calls there were."""


class CircuitBreaker(Policy):
    """Opens when too many calls fail; half open, it lets one call through as a probe, which decides.

    Args:
        inner: the next transport.
        failure_ratio: the share of failed calls at which it opens.
        minimum_calls: calls in the window below which it does not open.
        window: seconds over which calls are counted.
        open_time: seconds for which it stays open.
        now: the clock, in seconds.
    """

    def __init__(
        self,
        inner: Transport,
        failure_ratio: float,
        minimum_calls: int,
        window: float,
        open_time: float,
        now: Callable[[], float] = monotonic,
    ) -> None:
        super().__init__(inner)
        self._failure_ratio = failure_ratio
        self._minimum_calls = minimum_calls
        self._window = window
        self._open_time = open_time
        self._now = now
        self._outcomes: deque[tuple[float, bool]] = deque()
        self._failures = 0
        self._connect_failures = 0
        self._opened: float | None = None
        self._reason = ""
        self._is_probing = False
        self._probe_succeeded: bool | None = None

    @property
    def state(self) -> State:
        """The state; half open from the moment at which a call would be let through as a probe."""
        if self._opened is None:
            return "closed"
        return "open" if self._now() < self._opened + self._open_time else "half_open"

    @property
    def last_call_succeeded(self) -> bool | None:
        """Whether the last call that says something about the upstream succeeded; None before the first."""
        return self._outcomes[-1][1] if self._outcomes else self._probe_succeeded

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        is_probe = self._opened is not None
        if is_probe:
            self._begin_probe(call)
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
            self._record(is_probe, succeeded, connected)

    def _begin_probe(self, call: Call) -> None:
        wait = (self._opened or 0) + self._open_time - self._now()
        if wait > 0 or self._is_probing:
            limit = Limit("BREAKER_OPEN_TIME", self._open_time)
            what = f"the circuit breaker is open for {limit}, because {self._reason}; retry in {max(wait, 1):.3g} s"
            raise UpstreamCircuitOpen(what, call=call, limit=limit, retry_after=max(wait, 1))
        self._is_probing = True

    def _record(self, is_probe: bool, succeeded: bool | None, connected: bool) -> None:
        if is_probe:
            self._is_probing = False
        if succeeded is None:
            return
        now = self._now()
        if is_probe:
            self._probe_succeeded = succeeded
            self._opened = None if succeeded else now
            self._outcomes.clear()
            self._failures = self._connect_failures = 0
            return
        self._outcomes.append((now, succeeded))
        self._failures += not succeeded
        self._connect_failures = 0 if connected else self._connect_failures + 1
        while self._outcomes[0][0] <= now - self._window:
            self._failures -= not self._outcomes.popleft()[1]
        calls = len(self._outcomes)
        too_many = calls >= self._minimum_calls and self._failures >= self._failure_ratio * calls
        if self._opened is None and (too_many or self._connect_failures >= MAX_CONNECT_FAILURES):
            self._opened = now
            self._reason = f"{self._failures} of {calls} calls failed"
            if not too_many:
                self._reason = f"{MAX_CONNECT_FAILURES} connections in a row failed"
