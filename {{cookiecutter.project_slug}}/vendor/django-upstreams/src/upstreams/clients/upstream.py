"""The base class of every upstream: builds requests and parses responses."""

from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from django.conf import settings
from typing_extensions import TypeVar

from upstreams.clients import pools, registry
from upstreams.clients.call_limits import with_limits
from upstreams.clients.event_calls import CALL, EventCalls
from upstreams.clients.excerpt import excerpt
from upstreams.clients.page_calls import PageCalls
from upstreams.clients.request_builder import build_request
from upstreams.clients.responses import decoded, read_beginning, status_error
from upstreams.clients.tenants import TenantCalls
from upstreams.core.call import Call
from upstreams.core.errors import UpstreamError, UpstreamStatusError
from upstreams.core.httpx import Request, Response
from upstreams.core.metrics import CallMetrics

T = TypeVar("T", default=Response)
Scalar = str | int | float | bool | None
PathParameter = str | int | UUID


class Upstream(EventCalls, PageCalls, TenantCalls):
    """Another service, named by its alias in `settings.UPSTREAMS`. It holds no connection.

    Args:
        alias: the key in the settings.
    """

    def __init__(self, alias: str) -> None:
        self.alias = alias
        registry.upstreams[alias] = self

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.alias!r})"

    async def on_startup(self) -> None:
        """Do work when the clients open, such as fetching a token. A failure, or `STARTUP_TIMEOUT`, stops the start."""

    async def health_check(self) -> None:
        """Raise an error if the upstream cannot serve; readiness calls this if the upstream is `REQUIRED`.

        By default, any response of `BASE_URL` except a 5xx is good.
        """
        try:
            await self.get("")
        except UpstreamStatusError as error:
            if error.response.is_server_error:
                raise

    async def request(
        self,
        method: str,
        path: str,
        /,
        *,
        into: type[T] = Response,  # type: ignore[assignment]
        params: Mapping[str, Scalar | Sequence[Scalar]] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | str | AsyncIterable[bytes] | None = None,
        data: Mapping[str, Any] | None = None,
        files: Mapping[str, Any] | None = None,
        timeout: float | None = None,
        attempts: int | None = None,
        idempotency_key: str | UUID | None = None,
        **parameters: PathParameter,
    ) -> T:
        """Send a request and read the whole response. `get`, `post`, `put`, `patch` and `delete` take the same.

        Args:
            method: the HTTP method.
            path: a path template below `BASE_URL`, such as `authors/{author}`.
            into: the type to decode the JSON body into; without it, the response itself is returned. An empty body is
                None, where the type has it.
            params: query parameters.
            headers: sent in addition to `HEADERS`.
            json: a body to encode as JSON.
            content: a body to send unchanged; an async iterator is streamed, and cannot be retried.
            data: form fields.
            files: files of a multipart form: name -> file, or (file name, file, content type). Each is sent from its
                position on; a form with a file that cannot seek is not retried.
            timeout: seconds for this call, instead of `TIMEOUT`; it never outlives the request that makes it.
            attempts: at most, for this call, instead of `MAX_ATTEMPTS`.
            idempotency_key: sent as `Idempotency-Key`; by it, a POST or PATCH may be retried, too.
            parameters: the path parameters of the template; each is percent-encoded.

        Raises:
            UpstreamError: one of `upstreams.core.errors`.
            ValueError: `timeout` or `attempts` is no such number.
        """
        call = Call(self.alias, method, path)
        if self._tenant is not None:
            self._tenant.bind(call)
        if timeout is not None or attempts is not None or idempotency_key is not None:
            headers = with_limits(call, headers, timeout, attempts, idempotency_key)
        body = {"json": json, "content": content, "data": data, "files": files}
        request = build_request(call, params=params, headers=headers, **body, **parameters)
        with CallMetrics(call):
            response = await pools.send(request)
            is_success = 200 <= response.status_code <= 299  # the library asks its table of statuses
            try:
                if is_success and into is not Response:
                    return decoded(response.content, into, call)
                # Errors keep the response, and task backends pickle errors: drop credentials, query and body.
                address = request.url.copy_with(query=None) if request.url.query else request.url
                response.request = Request(method, address)
                if not is_success:
                    raise status_error(response, call)
            except UpstreamError as error:
                if settings.DEBUG:
                    error.excerpt = excerpt(response, request)
                raise
            return response  # type: ignore[return-value]

    async def get(self, path: str, /, *, into: type[T] = Response, **more: Any) -> T:  # type: ignore[assignment]
        return await self.request("GET", path, into=into, **more)

    async def delete(self, path: str, /, *, into: type[T] = Response, **more: Any) -> T:  # type: ignore[assignment]
        return await self.request("DELETE", path, into=into, **more)

    async def post(self, path: str, /, *, into: type[T] = Response, **more: Any) -> T:  # type: ignore[assignment]
        return await self.request("POST", path, into=into, **more)

    async def put(self, path: str, /, *, into: type[T] = Response, **more: Any) -> T:  # type: ignore[assignment]
        return await self.request("PUT", path, into=into, **more)

    async def patch(self, path: str, /, *, into: type[T] = Response, **more: Any) -> T:  # type: ignore[assignment]
        return await self.request("PATCH", path, into=into, **more)

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        path: str,
        /,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        attempts: int | None = None,
        idempotency_key: str | UUID | None = None,
        **more: Any,
    ) -> AsyncIterator[Response]:
        """Send a request as `request` does, and read the response in the block: `response.aiter_bytes()`.

        `TIMEOUT` ends with the headers; then `STREAM_IDLE_TIMEOUT` holds between two chunks. The body has no size
        limit. In another event loop than that of the lifespan, each chunk crosses between the two.

        Raises:
            UpstreamError: one of `upstreams.core.errors`.
            ValueError: `timeout` or `attempts` is no such number.
        """
        call = Call(self.alias, method, path, stream=True)
        if self._tenant is not None:
            self._tenant.bind(call)
        headers = with_limits(call, headers, timeout, attempts, idempotency_key)
        request = build_request(call, headers=headers, **more)
        # Until the headers: how long the body takes depends on its reader.
        with CallMetrics(call):
            response = await pools.send(request)
            response.request = Request(method, request.url.copy_with(query=None))  # as above
            if not response.is_success:
                await read_beginning(response, call)
                raise status_error(response, call)
        response.extensions[CALL] = call
        try:
            yield response
        finally:
            await response.aclose()
