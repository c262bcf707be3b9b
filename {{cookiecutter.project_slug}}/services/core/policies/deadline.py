"""The total deadline of a call, over waiting, all attempts and the whole body; of a stream, until its headers.

A client's own timeouts are per socket operation; a body that drips a byte at a time outlives them.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress

from services.core import context
from services.core.cut import Cut
from services.core.errors import Call, UpstreamClosing, UpstreamTimeout
from services.core.http import Request, Response, Transport
from services.core.policies.layer import Closing, Layer


class InFlight:
    """The calls of one event loop that have not ended: closing waits for them."""

    def __init__(self) -> None:
        self.closing = False
        self.cut = False
        self._calls: dict[Call, Cut | None] = {}
        self._idle = asyncio.Event()

    def add(self, call: Call, cut: Cut | None) -> None:
        """Note a call, and what cuts it off."""
        self._calls[call] = cut

    def remove(self, call: Call) -> None:
        """The call ended, or its stream was closed."""
        self._calls.pop(call, None)
        if self.closing and not self._calls:
            self._idle.set()

    async def drain(self, seconds: float) -> list[str]:
        """Take no new calls, give those in flight some seconds, cut off the rest; returns their aliases."""
        self.closing = True
        if await self._are_done(seconds):
            return []
        self.cut = True
        aliases = sorted(call.alias for call in self._calls)
        for cut in self._calls.values():
            if cut is not None:
                cut()
        await self._are_done(0.1)  # being cut off takes the loop a few rounds
        return aliases

    async def _are_done(self, seconds: float) -> bool:
        self._idle.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._calls:
                    await self._idle.wait()
        return not self._calls


class Deadline(Layer):
    """Fails a call that takes longer than `TOTAL`, or than the request it is made for.

    Args:
        inner: the next transport.
        total: seconds.
        idle: seconds between two chunks of a stream.
        in_flight: where calls are noted while they run.
    """

    def __init__(self, inner: Transport, total: float, idle: float, in_flight: InFlight) -> None:
        super().__init__(inner)
        self._total = total
        self._idle = idle
        self._in_flight = in_flight

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        if self._in_flight.closing:
            raise UpstreamClosing("this process is shutting down and makes no new calls", call=call)
        inherited = context.deadline.get()
        seconds = self._total if inherited is None else min(self._total, inherited - time.monotonic())
        if seconds <= 0:
            raise UpstreamTimeout("the request it is made for has no time left; nothing was sent", call=call)
        call.ends = time.monotonic() + seconds
        response = None
        try:
            with Cut(seconds) as cut:
                self._in_flight.add(call, cut)
                response = await self._inner.handle_async_request(request)
        finally:
            if response is None or not call.stream:
                self._in_flight.remove(call)
        if response is None:
            if self._in_flight.cut:
                raise _cut(call)
            raise UpstreamTimeout(f"no complete answer within {seconds:.3g} s", call=call)
        if call.stream:
            self._in_flight.add(call, None)
            response.stream = Idle(response, self._idle, self._in_flight, call)
        return response


class Idle(Closing):
    """A streamed body that fails if it dries up.

    Args:
        response: whose body it is.
        idle: seconds between two chunks.
        in_flight: where the call is noted until the body is closed.
        call: what it belongs to.
    """

    def __init__(self, response: Response, idle: float, in_flight: InFlight, call: Call) -> None:
        super().__init__(response, lambda: in_flight.remove(call))
        self._idle = idle
        self._in_flight = in_flight
        self._call = call

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = super().__aiter__()
        while True:
            if self._in_flight.cut:
                raise _cut(self._call)
            chunk: bytes | None = b""
            with Cut(self._idle) as cut:
                self._in_flight.add(self._call, cut)
                chunk = await anext(chunks, None)
            if cut.is_made:
                if self._in_flight.cut:
                    raise _cut(self._call)
                what = f"nothing more came within {self._idle:.3g} s"
                raise UpstreamTimeout(what, call=self._call)
            self._in_flight.add(self._call, None)
            if chunk is None:
                return
            yield chunk


def _cut(call: Call) -> UpstreamClosing:
    return UpstreamClosing("cut off by the shutdown of this process", call=call)
