"""The time limit of one attempt, so that a hanging one leaves time for another."""

from collections.abc import Callable
from time import monotonic

from services.core.cut import Cut
from services.core.errors import Call, UpstreamTimeout
from services.core.http import Request, Response, Transport
from services.core.policies.layer import Layer


class Attempt(Layer):
    """Fails an attempt that takes longer than `ATTEMPT`, and tells the upstream how long we will wait.

    Args:
        inner: the next transport.
        seconds: over the whole attempt; of a stream, until its headers.
        header: where to offer the time left of the whole call, in milliseconds; or None.
        now: the clock, in seconds.
    """

    def __init__(
        self, inner: Transport, seconds: float, header: str | None, now: Callable[[], float] = monotonic
    ) -> None:
        super().__init__(inner)
        self._seconds = seconds
        self._header = header
        self._now = now

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        if self._header is not None:
            left = min(call.ends - self._now(), self._seconds)
            request.headers[self._header] = str(max(0, round(left * 1000)))
        with Cut(self._seconds):
            return await self._inner.handle_async_request(request)
        what = f"an attempt took longer than ATTEMPT, {self._seconds:.3g} s"
        raise UpstreamTimeout(what, call=call)
