"""Limits calls per second: the generic cell rate algorithm (ITU-T I.371)."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

from upstreams.core.call import Call
from upstreams.core.errors import Limit, UpstreamPoolExhausted
from upstreams.core.httpx import Request, Response, Transport
from upstreams.policies.base import Policy


class RateLimit(Policy):
    """Spaces calls out; a burst of one second's worth passes at once. A call waits if its deadline allows it.

    Args:
        inner: the next transport.
        rate: calls per second.
        now: the clock, in seconds.
        sleep: waits some seconds.
    """

    def __init__(
        self,
        inner: Transport,
        rate: float,
        now: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        super().__init__(inner)
        self._rate = rate
        self._now = now
        self._sleep = sleep
        self._next = 0.0

    @property
    def wait(self) -> float:
        """Seconds that a call would wait for its turn now."""
        return max(0.0, self._next - self._now())

    async def handle_async_request(self, request: Request) -> Response:
        wait = self.reserve(Call.of(request))
        if wait > 0:
            await self._sleep(wait)
        return await self._inner.handle_async_request(request)

    def reserve(self, call: Call) -> float:
        """Reserve the next turn for a call, and return the seconds until then.

        Raises:
            UpstreamPoolExhausted: its deadline does not allow the wait.
        """
        now = self._now()
        burst = max(1.0, self._rate) - 1
        due = max(self._next, now - burst / self._rate)
        wait = due - now
        if wait > call.deadline - now:
            raise exhausted(call, self._rate, wait)
        self._next = due + 1 / self._rate
        return wait


def exhausted(call: Call, rate: float, wait: float) -> UpstreamPoolExhausted:
    """Return the error of a call whose turn comes after its deadline."""
    limit = Limit("RATE_LIMIT", rate, "calls per second")
    what = f"{limit}, is used up until after the deadline; make fewer calls, or raise TIMEOUT to wait"
    return UpstreamPoolExhausted(what, call=call, limit=limit, retry_after=wait)
