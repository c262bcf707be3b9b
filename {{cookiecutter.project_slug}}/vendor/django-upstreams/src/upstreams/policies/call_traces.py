"""Policies that record the calls of a request, under DEBUG alone; `build_policies` puts them between the others."""

from collections.abc import AsyncIterator
from time import perf_counter

from upstreams.core import context
from upstreams.core.call import Call
from upstreams.core.httpx import Request, Response, Transport, httpx, stream_of
from upstreams.core.request_trace import AttemptTrace, CallTrace, Phase, Wait
from upstreams.policies.base import NotifyingStream, Policy


class TraceCall(Policy):
    """Records each call, as one of the current request if there is one.

    Args:
        inner: the next transport.

    Attributes:
        last: the last call.
        last_failed: the last one without a response, or with the status of an error.
    """

    def __init__(self, inner: Transport) -> None:
        super().__init__(inner)
        self.last: CallTrace | None = None
        self.last_failed: CallTrace | None = None

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        trace = call.trace = CallTrace(call.alias, call.method, call.path, _identity(request, call))
        if (current := context.request_trace.get()) is not None:
            current.add(trace)
        self.last = trace
        response = None
        try:
            response = await self._inner.handle_async_request(request)
        finally:
            trace.is_shared = call.attempts > 0 and not trace.attempts
            if response is None or response.status_code >= 400:
                self.last_failed = trace
        trace.status = response.status_code
        trace.cache = response.extensions.get("cache")
        if call.stream:  # any other call ends for its caller, with its CallMetrics
            trace.is_stream = True
            response.stream = NotifyingStream(response, lambda: trace.end(None, ""))
        return response


class TraceWait(Policy):
    """Records how long a call waits in the policy that follows, until its attempt begins.

    Args:
        inner: the next transport.
        phase: what it waits for.
    """

    def __init__(self, inner: Transport, phase: Phase) -> None:
        super().__init__(inner)
        self._phase = phase

    async def handle_async_request(self, request: Request) -> Response:
        trace = Call.of(request).trace
        if trace is None:
            return await self._inner.handle_async_request(request)
        wait = Wait(self._phase, perf_counter())
        _end_wait(trace, wait.began)
        trace.waits.append(wait)
        try:
            return await self._inner.handle_async_request(request)
        finally:
            _end_wait(trace, perf_counter())


class TraceAttempt(Policy):
    """Records each attempt.

    Args:
        inner: the next transport.
    """

    async def handle_async_request(self, request: Request) -> Response:
        trace = Call.of(request).trace
        if trace is None:
            return await self._inner.handle_async_request(request)
        attempt = AttemptTrace(perf_counter())
        _end_wait(trace, attempt.began)
        trace.attempts.append(attempt)
        try:
            response = await self._inner.handle_async_request(request)
            attempt.status = response.status_code
            return response
        except BaseException as error:
            attempt.error = type(error).__name__
            raise
        finally:
            attempt.ended = perf_counter()


class TraceBody(Policy):
    """Records the requests of an attempt, and the bytes of their bodies.

    Args:
        inner: the innermost transport.
    """

    def __init__(self, inner: Transport) -> None:
        super().__init__(inner)
        self._has_connections = hasattr(inner, "counts")  # a PooledTransport has, a mock has not

    async def handle_async_request(self, request: Request) -> Response:
        trace = Call.of(request).trace
        if trace is None or not trace.attempts:
            return await self._inner.handle_async_request(request)
        attempt = trace.attempts[-1]
        attempt.requests += 1
        attempt.has_connections = self._has_connections
        attempt.sent = _size(request)
        response = await self._inner.handle_async_request(request)
        stream = stream_of(response)
        if isinstance(stream, httpx.ByteStream):  # complete; the decoding looks for this type, too
            attempt.received += sum(map(len, stream))
        else:
            response.stream = CountingStream(stream, attempt)
        return response


class CountingStream(httpx.AsyncByteStream):
    """A body that is still arriving.

    Args:
        inner: the body.
        attempt: counts its bytes.
    """

    def __init__(self, inner: httpx.AsyncByteStream, attempt: AttemptTrace) -> None:
        self._inner = inner
        self._attempt = attempt

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            self._attempt.received += len(chunk)
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


def _end_wait(trace: CallTrace, now: float) -> None:
    if trace.waits and trace.waits[-1].ended is None:
        trace.waits[-1].ended = now


def _identity(request: Request, call: Call) -> int | None:
    """Return what calls for the same have in common; Python's hash, whose seed is secret, hides what it was."""
    if not isinstance(request.stream, httpx.ByteStream):
        return None
    tenant = None if call.tenant is None else call.tenant.key
    return hash((call.alias, request.method, str(request.url), b"".join(request.stream), tenant))


def _size(request: Request) -> int | None:
    if isinstance(request.stream, httpx.ByteStream):
        return sum(map(len, request.stream))
    length = request.headers.get("Content-Length", "")
    return int(length) if length.isascii() and length.isdecimal() else None
