"""The deadline of a call, over waiting, all attempts and the whole body; of a stream, until its headers.

HTTP libraries have timeouts per socket operation only: a body that drips a byte at a time outlives them.
"""

import asyncio
import time
import weakref
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta

from upstreams.core import context, debugger
from upstreams.core.call import Call
from upstreams.core.cancel_scope import CancelScope
from upstreams.core.errors import Limit, UpstreamClosed, UpstreamTimeout
from upstreams.core.httpx import Request, Response, Transport
from upstreams.core.request_deadline import RequestDeadline
from upstreams.core.shared_timer import SharedTimer
from upstreams.policies.base import NotifyingStream, Policy

CANCELLATION_TIMEOUT = 0.1
"""Seconds for cancelled calls to end: each takes the event loop a few rounds."""


class InFlight:
    """The calls of one event loop that have not ended; closing waits for them.

    Attributes:
        closing: whether new calls are refused.
        cancelled: whether the calls in flight were cancelled.
        timer: cancels calls at their deadlines.
    """

    def __init__(self) -> None:
        self.timer = SharedTimer()
        self.closing = False
        self.cancelled = False
        self._calls: dict[Call, CancelScope | None] = {}
        self._emptied = asyncio.Event()

    def add(self, call: Call, scope: CancelScope | None) -> None:
        """Register a call, and the scope that cancels it."""
        self._calls[call] = scope

    def remove(self, call: Call) -> None:
        """Unregister a call that has ended, or whose stream was closed."""
        self._calls.pop(call, None)
        if self.closing and not self._calls:
            self._emptied.set()

    async def drain(self, seconds: float) -> list[str]:
        """Refuse new calls, wait for those in flight, and cancel the rest.

        Args:
            seconds: for the calls in flight to end.

        Returns:
            The aliases of the cancelled calls.
        """
        self.closing = True
        if await self._are_done(seconds):
            self.timer.close()
            return []
        self.cancelled = True
        aliases = sorted(call.alias for call in self._calls)
        for scope in self._calls.values():
            if scope is not None:
                scope.cancel()
        await self._are_done(CANCELLATION_TIMEOUT)
        self.timer.close()
        return aliases

    async def _are_done(self, seconds: float) -> bool:
        self._emptied.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._calls:
                    await self._emptied.wait()
        return not self._calls


class Deadline(Policy):
    """Fails a call that takes longer than `TIMEOUT`, or its own time, or than the request that makes it.

    Args:
        inner: the next transport.
        seconds: for the whole call.
        idle: seconds between two chunks of a stream.
        in_flight: registers the call while it runs.
    """

    def __init__(self, inner: Transport, seconds: float, idle: float, in_flight: InFlight) -> None:
        super().__init__(inner)
        self._seconds = seconds
        self._idle = idle
        self._in_flight = in_flight
        self._timer = in_flight.timer

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        if self._in_flight.closing:
            raise UpstreamClosed("this process is shutting down and makes no new calls", call=call)
        now = time.monotonic()
        inherited = context.deadline.get()
        own = self._seconds if call.timeout is None else call.timeout
        seconds = own if inherited is None else min(own, inherited.at - now)
        if seconds <= 0:
            if not debugger.in_use:
                raise _spent(call, own, inherited)
            seconds = self._seconds
        call.deadline = now + seconds
        response = None
        scope = CancelScope()
        try:
            with scope:
                self._in_flight.add(call, scope)
                self._timer.start(scope, call.deadline)
                response = await self._inner.handle_async_request(request)
        finally:
            self._timer.stop(scope)
            if response is None or not call.stream:
                self._in_flight.remove(call)
        if response is None:
            raise _cancelled(call) if self._in_flight.cancelled else _late(call, own, seconds, inherited)
        if call.stream:
            self._in_flight.add(call, None)
            response.stream = IdleTimeoutStream(response, self._idle, self._in_flight, call)
        return response


class IdleTimeoutStream(NotifyingStream):
    """A streamed body that fails when no chunk arrives for too long.

    Args:
        response: whose body it replaces.
        idle: seconds between two chunks.
        in_flight: registers the call until the body is closed.
        call: that the body belongs to.
    """

    def __init__(self, response: Response, idle: float, in_flight: InFlight, call: Call) -> None:
        weak = weakref.ref(response)  # its stream is this one: a cycle would keep what nobody has closed

        def closed() -> None:
            in_flight.remove(call)
            if (found := weak()) is not None:
                found.elapsed = timedelta(seconds=time.perf_counter() - call.began)

        super().__init__(response, closed)
        self._idle = idle
        self._in_flight = in_flight
        self._call = call

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = super().__aiter__()
        while True:
            if self._in_flight.cancelled:
                raise _cancelled(self._call)
            chunk: bytes | None = b""
            with CancelScope(self._idle) as scope:
                self._in_flight.add(self._call, scope)
                chunk = await anext(chunks, None)
            if scope.cancel_called:
                if self._in_flight.cancelled:
                    raise _cancelled(self._call)
                limit = Limit("STREAM_IDLE_TIMEOUT", self._idle)
                what = f"the stream sent nothing within {limit}; raise STREAM_IDLE_TIMEOUT if it pauses"
                raise UpstreamTimeout(what, call=self._call, limit=limit)
            self._in_flight.add(self._call, None)
            if chunk is None:
                return
            yield chunk


def _late(call: Call, own: float, seconds: float, inherited: RequestDeadline | None) -> UpstreamTimeout:
    if inherited is None or seconds == own:
        limit = Limit("TIMEOUT" if call.timeout is None else "timeout", seconds)
        what = f"no complete response within {limit}; raise {limit.key} if the upstream is slow"
    else:
        limit = Limit(inherited.key, seconds)
        what = f"no complete response within {seconds:.3g} s, which the request had left of {inherited.key}"
    return UpstreamTimeout(what, call=call, limit=limit)


def _spent(call: Call, own: float, inherited: RequestDeadline | None) -> UpstreamTimeout:
    if inherited is None or own <= 0:
        what = f"the call was given no time; nothing was sent, as its timeout is {own:.3g} s"
        return UpstreamTimeout(what, call=call, limit=Limit("timeout", own))
    what = f"the request that makes it has no time left; nothing was sent, as {inherited.key} is over"
    return UpstreamTimeout(what, call=call, limit=Limit(inherited.key, 0.0))


def _cancelled(call: Call) -> UpstreamClosed:
    return UpstreamClosed("cancelled by the shutdown of this process, after CLIENT_DRAIN", call=call)
