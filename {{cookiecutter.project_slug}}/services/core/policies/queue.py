"""A bounded queue before the connections: more callers than it holds fail at once.

An unbounded queue turns one slow upstream into a queue of everything; a pool's own queue is one.
"""

import asyncio
from collections import deque
from time import perf_counter

from services.core import metrics
from services.core.errors import Call, UpstreamBusy
from services.core.http import Request, Response, Transport
from services.core.policies.layer import Closing, Layer


class Queue(Layer):
    """Lets some calls run and some wait; a stream runs until it is closed.

    Args:
        inner: the next transport.
        running: calls in flight.
        waiting: calls that may wait.
        max_wait: seconds a call may wait.
    """

    def __init__(self, inner: Transport, running: int, waiting: int, max_wait: float) -> None:
        super().__init__(inner)
        self._running = running
        self._free = running
        self._waiting = waiting
        self._max_wait = max_wait
        self._line: deque[asyncio.Future[None]] = deque()

    @property
    def waiting(self) -> int:
        """How many calls wait now."""
        return len(self._line)

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
                self._leave()
        if call.stream:
            response.stream = Closing(response, self._leave)
        return response

    async def _wait(self, call: Call) -> None:
        if len(self._line) >= self._waiting:
            raise self._busy(call, f"and {self._waiting} calls wait already")
        turn = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        started = perf_counter()
        try:
            async with asyncio.timeout(self._max_wait):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self._leave()  # the turn came at the same moment: pass it on
            if isinstance(error, TimeoutError):
                raise self._busy(call, f"and none became free within {self._max_wait:.3g} s") from None
            raise
        finally:
            metrics.of(call.alias).queue_wait.observe(perf_counter() - started)
            if turn in self._line:
                self._line.remove(turn)

    def _leave(self) -> None:
        while self._line:
            turn = self._line.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def _busy(self, call: Call, why: str) -> UpstreamBusy:
        what = f"all {self._running} connections are in use, {why}; raise MAX_CONNECTIONS or call less"
        return UpstreamBusy(what, call=call, retry_after=1)
