"""A circuit breaker: an upstream that fails is left alone for a while (Nygard, Release It!, ch. 5)."""

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Literal, get_args

from services.core.errors import BrokenAnswer, Call, OpenBreaker, UpstreamTimeout, UpstreamUnreachable
from services.core.http import Request, Response, Transport
from services.core.policies.layer import Layer

State = Literal["closed", "half_open", "open"]
STATES: tuple[State, ...] = get_args(State)

CONNECTS = 5
"""So many failures to connect in a row open it, however few calls there were."""


class Breaker(Layer):
    """Closed until too many calls fail; then open; then half open, for one call that decides.

    Args:
        inner: the next transport.
        ratio: of failed calls, from which it opens.
        calls: how many there have to be.
        window: seconds over which they are counted.
        open_for: seconds.
        now: the clock, in seconds.
    """

    def __init__(
        self,
        inner: Transport,
        ratio: float,
        calls: int,
        window: float,
        open_for: float,
        now: Callable[[], float] = monotonic,
    ) -> None:
        super().__init__(inner)
        self._ratio = ratio
        self._calls = calls
        self._window = window
        self._open_for = open_for
        self._now = now
        self._seen: deque[tuple[float, bool]] = deque()
        self._failed = 0
        self._connects = 0
        self._opened: float | None = None
        self._probing = False

    @property
    def state(self) -> State:
        """Half open from the moment at which a call would be let through as a probe."""
        if self._opened is None:
            return "closed"
        return "open" if self._now() < self._opened + self._open_for else "half_open"

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        probe = self._opened is not None
        if probe:
            self._enter_as_probe(call)
        outcome: bool | None = None
        connected = True
        try:
            response = await self._inner.handle_async_request(request)
            outcome = response.status_code < 500
            return response
        except UpstreamUnreachable as error:
            # A reused connection that was closed meanwhile says nothing of the upstream's health.
            outcome, connected = None if error.point == "reused" else False, error.point != "connect"
            raise
        except (UpstreamTimeout, BrokenAnswer):
            outcome = False
            raise
        except asyncio.CancelledError:
            # Cut off by the deadline, the upstream was too slow; given up by the caller, nobody knows.
            outcome = False if self._now() >= call.ends else None
            raise
        finally:
            self._note(probe, outcome, connected)

    def _enter_as_probe(self, call: Call) -> None:
        wait = (self._opened or 0) + self._open_for - self._now()
        if wait > 0 or self._probing:
            what = "too many calls failed; the breaker is open"
            raise OpenBreaker(what, call=call, retry_after=max(wait, 1))
        self._probing = True

    def _note(self, probe: bool, good: bool | None, connected: bool) -> None:
        if probe:
            self._probing = False
        if good is None:  # busy or given up: it says nothing of the upstream
            return
        now = self._now()
        if probe:
            self._opened = None if good else now
            self._seen.clear()
            self._failed = self._connects = 0
            return
        self._seen.append((now, good))
        self._failed += not good
        self._connects = 0 if connected else self._connects + 1
        while self._seen[0][0] <= now - self._window:
            self._failed -= not self._seen.popleft()[1]
        too_many = len(self._seen) >= self._calls and self._failed >= self._ratio * len(self._seen)
        if self._opened is None and (too_many or self._connects >= CONNECTS):
            self._opened = now
