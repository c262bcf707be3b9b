"""Limits the calls in flight, with a bounded queue: one slow upstream cannot take the whole service down.

A connection pool has a queue too, but an unbounded one, which grows until every request waits in it.
"""

import asyncio
from collections import deque
from time import perf_counter

from upstreams.core import metrics
from upstreams.core.call import Call
from upstreams.core.errors import Limit, UpstreamPoolExhausted
from upstreams.core.httpx import Request, Response, Transport
from upstreams.policies.base import NotifyingStream, Policy

OF_CALLS = "connections are in use", "raise MAX_CONNECTIONS or make fewer calls"
OF_STREAMS = "streams are open", "raise MAX_STREAMS or close streams earlier"


class Slots:
    """A limited number of calls that run, and a limited number that wait.

    Args:
        limit: calls in flight.
        queue_size: calls that may wait; one more fails at once. None means twice the limit.
        queue_timeout: seconds that a call may wait.
        words: what is in use, and what to do about it, for the error.

    Attributes:
        free: slots that no call has.
        queue: the calls that wait.
    """

    def __init__(
        self, limit: int, queue_size: int | None, queue_timeout: float, words: tuple[str, str] = OF_CALLS
    ) -> None:
        self.free = limit
        self.queue: deque[asyncio.Future[None]] = deque()
        self._limit = limit
        self._queue_size = 2 * limit if queue_size is None else queue_size
        self._queue_timeout = queue_timeout
        self._in_use, self._fix = words

    async def wait(self, call: Call) -> None:
        """Wait for a slot, as none is free.

        Raises:
            UpstreamPoolExhausted: the queue is full, or the wait took too long.
        """
        if len(self.queue) >= self._queue_size:
            limit = Limit("QUEUE_SIZE", self._queue_size, "calls")
            raise self._exhausted(call, limit, f"and {self._queue_size} calls are waiting, QUEUE_SIZE")
        slot = asyncio.get_running_loop().create_future()
        self.queue.append(slot)
        started = perf_counter()
        try:
            async with asyncio.timeout(self._queue_timeout):
                await slot
        except BaseException as error:
            if slot.done() and not slot.cancelled():
                self.release()  # the slot came as the caller gave up: pass it on
            if isinstance(error, TimeoutError):
                limit = Limit("QUEUE_TIMEOUT", self._queue_timeout)
                raise self._exhausted(call, limit, f"and none became free within {limit}") from None
            raise
        finally:
            metrics.of(call.alias).queue_wait.observe(perf_counter() - started)
            if slot in self.queue:
                self.queue.remove(slot)

    def release(self) -> None:
        """Give a slot to the next call that waits, or back."""
        while self.queue:
            slot = self.queue.popleft()
            if not slot.done():
                slot.set_result(None)
                return
        self.free += 1

    def _exhausted(self, call: Call, limit: Limit, why: str) -> UpstreamPoolExhausted:
        what = f"all {self._limit} {self._in_use}, {why}; {self._fix}"
        return UpstreamPoolExhausted(what, call=call, limit=limit, retry_after=1)


class Bulkhead(Policy):
    """Runs a limited number of calls, and queues a limited number; a stream runs until it is closed.

    Streams have slots of their own: a client that does not read what is passed on to it holds one for as long as it
    likes, and no call that reads its whole response has to wait for that.

    Args:
        inner: the next transport.
        calls: the slots of calls.
        streams: the slots of streams.
    """

    def __init__(self, inner: Transport, calls: Slots, streams: Slots) -> None:
        super().__init__(inner)
        self._calls = calls
        self._streams = streams

    @property
    def waiting(self) -> int:
        """The number of calls in the queues."""
        return len(self._calls.queue) + len(self._streams.queue)

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        slots = self._streams if call.stream else self._calls
        if slots.free:
            slots.free -= 1
        else:
            await slots.wait(call)
        response = None
        try:
            response = await self._inner.handle_async_request(request)
        finally:
            if response is None or not call.stream:
                slots.release()
        if call.stream:
            if slots is self._calls:  # its head has made it a stream
                await self._move(call, response)
            response.stream = NotifyingStream(response, self._streams.release)
        return response

    async def _move(self, call: Call, response: Response) -> None:
        """Give the slot of a call back for one of a stream."""
        self._calls.release()
        if self._streams.free:
            self._streams.free -= 1
            return
        try:
            await self._streams.wait(call)
        except BaseException:
            await response.aclose()
            raise
