"""Makes one request of identical calls in flight (Go's `singleflight`), for upstreams with `COALESCE`.

It stands outside the cache, so that a response is stored once, and inside the deadline, as each caller has its own.
"""

import asyncio
import copy
import re
from collections.abc import Hashable

from upstreams.core import metrics
from upstreams.core.bodies import is_empty
from upstreams.core.call import Call
from upstreams.core.errors import UpstreamClosed, UpstreamError
from upstreams.core.httpx import Request, Response, Transport, httpx, read_as
from upstreams.policies.base import SAFE_METHODS, Policy

OF_ONE_CALL = re.compile(r"x-request-id|traceparent|tracestate|baggage|b3|x-b3-.+|sentry-trace")
"""Headers that differ between calls, and select no response."""


class Flight:
    """A request that several callers wait for.

    Args:
        request: that is sent.
        call: whose request it is; its deadline is the latest one of the callers.

    Attributes:
        callers: how many wait for it, or have its response.
        is_counted: whether a caller has counted its attempts.
    """

    task: asyncio.Task[Response]

    def __init__(self, request: Request, call: Call) -> None:
        self.request = request
        self.call = call
        self.callers = 1
        self.is_counted = False

    @property
    def is_over(self) -> bool:
        """Whether it has ended, or nobody waits for it."""
        return self.task.done() or not self.callers

    def report(self, call: Call, request: Request) -> None:
        """Tell a call what became of the request: for its error, and for the metrics, which count attempts once."""
        call.attempts = self.call.attempts
        call.not_retried = self.call.not_retried
        call.joined = self.is_counted or not self.is_over
        self.is_counted |= self.is_over
        request.headers = self.request.headers  # with the credentials, which excerpts hide


class Coalesce(Policy):
    """Lets a GET wait for the response to an identical one that is in flight.

    Args:
        inner: the next transport.
    """

    def __init__(self, inner: Transport) -> None:
        super().__init__(inner)
        self._flights: dict[Hashable, Flight] = {}

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        if request.method not in SAFE_METHODS:
            try:
                return await self._inner.handle_async_request(request)
            finally:
                self._flights.clear()  # what is read after a write must not have been sent before it
        if request.method != "GET" or call.stream is not False or not is_empty(request):
            return await self._inner.handle_async_request(request)
        key = _key(request, call)
        flight = self._flights.get(key)
        if flight is None:
            flight = self._begin(request, call, key)
        else:
            flight.callers += 1
            flight.call.deadline = max(flight.call.deadline, call.deadline)
            metrics.of(call.alias).coalesced.inc()
        try:
            await asyncio.wait([flight.task])
            return _response(flight, call)
        except BaseException:
            if not flight.task.done():
                await self._leave(flight, key)
            raise
        finally:
            flight.report(call, request)
            del flight  # an error's traceback has this frame, and the flight the error

    def _begin(self, request: Request, call: Call, key: Hashable) -> Flight:
        shared = copy.copy(call)
        sent = Request(
            request.method,
            request.url,
            stream=httpx.ByteStream(b""),
            extensions={**request.extensions, "call": shared},
        )
        sent.headers = request.headers.copy()
        flight = self._flights[key] = Flight(sent, shared)
        flight.task = asyncio.create_task(self._send(flight, key))
        return flight

    async def _send(self, flight: Flight, key: Hashable) -> Response:
        try:
            return await self._inner.handle_async_request(flight.request)
        finally:
            self._forget(flight, key)
            del flight  # as above

    async def _leave(self, flight: Flight, key: Hashable) -> None:
        flight.callers -= 1
        if not flight.callers:
            self._forget(flight, key)
            flight.task.cancel()
            await asyncio.wait([flight.task])
            if not flight.task.cancelled():
                flight.task.exception()  # otherwise asyncio complains that nobody has seen it

    def _forget(self, flight: Flight, key: Hashable) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]


def _key(request: Request, call: Call) -> Hashable:
    headers = [line for line in request.headers.multi_items() if not OF_ONE_CALL.fullmatch(line[0])]
    headers.sort(key=lambda line: line[0])  # by name alone: the order of lines with one name has a meaning
    tenant = None if call.tenant is None else call.tenant.key
    # The path is that of the template, which errors name.
    return str(request.url), tuple(headers), call.path, call.max_attempts, tenant


def _response(flight: Flight, call: Call) -> Response:
    """Return the response, or raise the error, as one of this caller alone."""
    if flight.task.cancelled():
        raise UpstreamClosed("the request that it shared with others was cancelled", call=call)
    if (error := flight.task.exception()) is not None:
        if flight.callers > 1 and isinstance(error, UpstreamError):
            error = _copy(error)
        try:
            raise error
        finally:
            del flight, error  # as above
    response = flight.task.result()
    if flight.callers == 1:
        return response
    extensions = dict(response.extensions)
    found = Response(response.status_code, headers=response.headers, extensions=extensions)
    read_as(found, response.content, call.began)
    return found


def _copy(error: UpstreamError) -> UpstreamError:
    own = copy.copy(error).with_traceback(error.__traceback__)
    own.__cause__, own.__suppress_context__ = error.__cause__, error.__suppress_context__
    return own
