"""The time limit of one attempt, so that an attempt that hangs leaves time for another."""

from collections.abc import Callable
from time import monotonic

from upstreams.core.call import Call
from upstreams.core.cancel_scope import CancelScope
from upstreams.core.errors import Limit, UpstreamTimeout
from upstreams.core.httpx import Request, Response, Transport
from upstreams.policies.base import Policy


class AttemptTimeout(Policy):
    """Fails an attempt after `ATTEMPT_TIMEOUT`, and sends the time left to the upstream if it wants to know.

    Args:
        inner: the next transport.
        seconds: for the whole attempt; for a stream, until its headers; None leaves it to the deadline of the call.
        header: that carries the time left for the attempt, in milliseconds; None sends none.
        now: the clock, in seconds.
    """

    def __init__(
        self,
        inner: Transport,
        seconds: float | None,
        header: str | None,
        now: Callable[[], float] = monotonic,
    ) -> None:
        super().__init__(inner)
        self._seconds = seconds
        self._header = header
        self._now = now

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        if self._header is not None:
            left = call.deadline - self._now()
            left = left if self._seconds is None else min(left, self._seconds)
            request.headers[self._header] = str(max(0, round(left * 1000)))
        if self._seconds is None:
            return await self._inner.handle_async_request(request)
        with CancelScope(self._seconds):
            return await self._inner.handle_async_request(request)
        limit = Limit("ATTEMPT_TIMEOUT", self._seconds)
        what = f"no response within {limit}; raise ATTEMPT_TIMEOUT if the upstream is slow"
        raise UpstreamTimeout(what, call=call, limit=limit)
