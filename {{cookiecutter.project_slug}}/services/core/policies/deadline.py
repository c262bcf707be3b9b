"""The total deadline of a call: over waiting, all attempts and the whole body.

A client's own timeouts are per socket operation; a body that drips a byte at a time outlives them.
"""

import asyncio
import time

from services.core import context
from services.core.errors import Call, UpstreamTimeout
from services.core.http import Request, Response, Transport


class Deadline(Transport):
    """Fails a call that takes longer than `TOTAL`, or than the request it is made for.

    Args:
        inner: the next transport.
        total: seconds.
    """

    def __init__(self, inner: Transport, total: float) -> None:
        self._inner = inner
        self._total = total

    async def handle_async_request(self, request: Request) -> Response:
        inherited = context.deadline.get()
        seconds = self._total if inherited is None else min(self._total, inherited - time.monotonic())
        try:
            async with asyncio.timeout(seconds):
                return await self._inner.handle_async_request(request)
        except TimeoutError:
            what = f"no complete answer within {seconds:.3g} s"
            raise UpstreamTimeout(what, call=Call.of(request)) from None

    async def aclose(self) -> None:
        await self._inner.aclose()
