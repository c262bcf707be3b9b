"""The total deadline of a call, over waiting, all attempts and the whole body; of a stream, until its headers.

A client's own timeouts are per socket operation; a body that drips a byte at a time outlives them.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

from services.core import context
from services.core.errors import Call, UpstreamClosing, UpstreamTimeout
from services.core.http import Request, Response, Transport
from services.core.policies.layer import Closing, Layer


class InFlight:
    """The calls of one event loop that have not ended: closing waits for them."""

    def __init__(self) -> None:
        self.closing = False
        self._calls: dict[Call, asyncio.Timeout | None] = {}
        self._idle = asyncio.Event()

    def add(self, call: Call, timeout: asyncio.Timeout | None) -> None:
        """Note a call; `timeout` is what cuts it off."""
        self._calls[call] = timeout

    def remove(self, call: Call) -> None:
        """The call ended, or its stream was closed."""
        self._calls.pop(call, None)
        if not self._calls:
            self._idle.set()

    async def drain(self, seconds: float) -> list[str]:
        """Take no new calls, give those in flight some seconds, cut off the rest; returns their aliases."""
        self.closing = True
        self._idle.clear()
        try:
            async with asyncio.timeout(seconds if self._calls else 0):
                await self._idle.wait()
        except TimeoutError:
            for timeout in self._calls.values():
                if timeout is not None:
                    timeout.reschedule(0)
        return sorted(call.alias for call in self._calls)


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
        call.ends = time.monotonic() + seconds
        response = None
        try:
            async with asyncio.timeout(seconds) as timeout:
                self._in_flight.add(call, timeout)
                response = await self._inner.handle_async_request(request)
        except TimeoutError:
            if self._in_flight.closing:
                raise UpstreamClosing("cut off by the shutdown of this process", call=call) from None
            raise UpstreamTimeout(f"no complete answer within {seconds:.3g} s", call=call) from None
        finally:
            if response is None or not call.stream:
                self._in_flight.remove(call)
        if call.stream:
            self._in_flight.add(call, None)
            response.stream = Idle(response, self._idle, lambda: self._in_flight.remove(call), call)
        return response


class Idle(Closing):
    """A streamed body that fails if it dries up.

    Args:
        response: whose body it is.
        idle: seconds between two chunks.
        on_close: called once, when it is closed.
        call: what it belongs to.
    """

    def __init__(self, response: Response, idle: float, on_close: Callable[[], None], call: Call) -> None:
        super().__init__(response, on_close)
        self._idle = idle
        self._call = call

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = super().__aiter__()
        while True:
            try:
                async with asyncio.timeout(self._idle):
                    chunk = await anext(chunks, None)
            except TimeoutError:
                what = f"nothing more came within {self._idle:.3g} s"
                raise UpstreamTimeout(what, call=self._call) from None
            if chunk is None:
                return
            yield chunk
