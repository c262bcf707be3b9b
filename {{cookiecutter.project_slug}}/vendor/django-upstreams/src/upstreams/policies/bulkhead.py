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


class Bulkhead(Policy):
    """Runs a limited number of calls, and queues a limited number; a stream runs until it is closed.

    Args:
        inner: the next transport.
        limit: calls in flight.
        queue_size: calls that may wait; one more fails at once.
        queue_timeout: seconds that a call may wait.
    """

    def __init__(self, inner: Transport, limit: int, queue_size: int, queue_timeout: float) -> None:
        super().__init__(inner)
        self._limit = limit
        self._free = limit
        self._queue_size = queue_size
        self._queue_timeout = queue_timeout
        self._queue: deque[asyncio.Future[None]] = deque()

    @property
    def waiting(self) -> int:
        """The number of calls in the queue."""
        return len(self._queue)

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        if self._free:
            self._free -= 1
        else:
            await self._wait(call)
        response = None
        try:
            response = await self._inner.handle_async_request(request)
        finally:
            if response is None or not call.stream:
                self._release()
        if call.stream:
            response.stream = NotifyingStream(response, self._release)
        return response

    async def _wait(self, call: Call) -> None:
        if len(self._queue) >= self._queue_size:
            limit = Limit("QUEUE_SIZE", self._queue_size, "calls")
            raise self._exhausted(call, limit, f"and {self._queue_size} calls are waiting, QUEUE_SIZE")
        slot = asyncio.get_running_loop().create_future()
        self._queue.append(slot)
        started = perf_counter()
        try:
            async with asyncio.timeout(self._queue_timeout):
                await slot
        except BaseException as error:
            if slot.done() and not slot.cancelled():
                self._release()  # the slot came as the caller gave up: pass it on
            if isinstance(error, TimeoutError):
                limit = Limit("QUEUE_TIMEOUT", self._queue_timeout)
                raise self._exhausted(call, limit, f"and none became free within {limit}") from None
            raise
        finally:
            metrics.of(call.alias).queue_wait.observe(perf_counter() - started)
            if slot in self._queue:
                self._queue.remove(slot)

    def _release(self) -> None:
        while self._queue:
            slot = self._queue.popleft()
            if not slot.done():
                slot.set_result(None)
                return
        self._free += 1

    def _exhausted(self, call: Call, limit: Limit, why: str) -> UpstreamPoolExhausted:
        what = f"all {self._limit} connections are in use, {why}; raise MAX_CONNECTIONS or make fewer calls"
        return UpstreamPoolExhausted(what, call=call, limit=limit, retry_after=1)
