"""No more calls a second than the upstream allows: the generic cell rate algorithm (ITU-T I.371)."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

from services.core.errors import Call, UpstreamBusy
from services.core.http import Request, Response, Transport
from services.core.policies.layer import Layer


class Rate(Layer):
    """Spaces calls out; one second's worth may come at once. Waits if the deadline allows it.

    Args:
        inner: the next transport.
        rate: calls a second.
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

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        now = self._now()
        burst = max(1.0, self._rate) - 1
        due = max(self._next, now - burst / self._rate)
        wait = due - now
        if wait > call.ends - now:
            what = f"RATE, {self._rate:.3g} calls a second, is used up for longer than the deadline"
            raise UpstreamBusy(what, call=call, retry_after=wait)
        self._next = due + 1 / self._rate
        if wait > 0:
            await self._sleep(wait)
        return await self._inner.handle_async_request(request)
