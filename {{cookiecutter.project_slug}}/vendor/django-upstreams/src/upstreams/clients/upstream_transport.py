"""The transport that the client of an SDK sends its requests through, so that they are calls of an upstream."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from functools import cache
from typing import Any

from asgiref.current_thread_executor import CurrentThreadExecutor

from upstreams.clients import pools
from upstreams.clients.remote_streams import RemoteStream, refuse_blocking
from upstreams.clients.request_builder import unknown
from upstreams.clients.sdk_errors import library_error
from upstreams.clients.sdk_requests import Run, sdk_call, sdk_request
from upstreams.core.call import Call
from upstreams.core.definition import Definition, configured
from upstreams.core.errors import UpstreamError, UpstreamStatusError
from upstreams.core.httpx import Request, Response, httpx
from upstreams.core.metrics import CallMetrics


class UpstreamTransport(httpx.AsyncBaseTransport, httpx.BaseTransport):
    """Sends the requests of an SDK as calls of an upstream: `httpx2.AsyncClient(transport=UpstreamTransport("openai"))`.

    It serves async and sync clients, of httpx2 and of httpx, in any event loop and thread. The policies, the metrics
    and the connections are those of the alias; a response that is text or JSON is read within them, any other one is
    passed on as it comes. To close the client of the SDK closes its streams, not the connections.

    Args:
        alias: the key in `settings.UPSTREAMS`.
        idempotent: give each POST and PATCH an `Idempotency-Key`, so that it may be retried: only for an API whose
            operations may happen twice, or which knows that header.
    """

    def __init__(self, alias: str, *, idempotent: bool = False) -> None:
        self._alias = alias
        self._idempotent = idempotent

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._alias!r})"

    async def handle_async_request(self, request: Any) -> Any:
        definition, call = self._call(request)
        sent = self._request(request, call, definition)
        response = None
        try:
            with CallMetrics(call):
                response = await pools.send(sent)
                _count_status(response, call)
        except UpstreamError as error:
            if response is None:
                raise library_error(error, _library(request), request)  # noqa: B904 - it has its cause
        return _passed_on(response, call, request)

    def handle_request(self, request: Any) -> Any:
        definition, call = self._call(request)
        refuse_blocking(call)
        executor = CurrentThreadExecutor(None)

        def run(function: Any) -> Any:
            return asyncio.get_running_loop().run_in_executor(executor, function)

        sent = self._request(request, call, definition, run)
        response = None
        try:
            with CallMetrics(call):
                response = pools.send_and_wait(sent, executor.run_until_future)
                _count_status(response, call)
        except UpstreamError as error:
            if response is None:
                raise library_error(error, _library(request), request)  # noqa: B904 - it has its cause
        return _passed_on(response, call, request)

    def _call(self, request: Any) -> tuple[Definition, Call]:
        definition = configured().get(self._alias) or unknown(Call(self._alias, request.method, ""))
        return definition, sdk_call(request, definition)

    def _request(self, request: Any, call: Call, definition: Definition, run: Run | None = None) -> Request:
        return sdk_request(request, call, definition, idempotent=self._idempotent, run=run)


class Body:
    """The body of a streamed response; with the base classes of the library of an SDK.

    Args:
        inner: the body.
        request: of that library.
    """

    def __init__(self, inner: RemoteStream, request: Any) -> None:
        self._inner = inner
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._inner:
                yield chunk
        except UpstreamError as error:
            raise library_error(error, _library(self._request), self._request)  # noqa: B904 - it has its cause

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._inner
        except UpstreamError as error:
            raise library_error(error, _library(self._request), self._request)  # noqa: B904 - it has its cause

    async def aclose(self) -> None:
        await self._inner.aclose()

    def close(self) -> None:
        self._inner.close()


def _count_status(response: Response, call: Call) -> None:
    if not response.is_success:  # counted as a call of `Upstream` is; what to make of it is up to the SDK
        raise UpstreamStatusError("", call=call, response=response)


def _passed_on(response: Response, call: Call, request: Any) -> Any:
    """Return a response in the library of the SDK."""
    library = _library(request)
    if call.stream:
        stream = _body_class(library)(pools.remote(response, call), request)
    else:
        stream = library.ByteStream(response.content)
    return library.Response(
        response.status_code,
        headers=response.headers.raw,
        stream=stream,
        extensions=dict(response.extensions),
    )


def _library(request: Any) -> Any:
    if isinstance(request, Request):
        return httpx
    (name,) = {kind.__module__.partition(".")[0] for kind in type(request).__mro__} & {"httpx", "httpx2"}
    return sys.modules[name]


@cache
def _body_class(library: Any) -> Any:
    return type("Body", (Body, library.AsyncByteStream, library.SyncByteStream), {})
