"""The base class of every upstream: builds a request, parses the answer."""

import functools
from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from typing_extensions import TypeVar

from services.core import connections, context
from services.core.definitions import configured, meant
from services.core.errors import BrokenAnswer, Call, RefusedAnswer, UnknownAlias
from services.core.http import Request, Response, httpx
from services.core.metrics import Counting
from services.core.outbound import replace, url
from services.core.policies.retry import retry_after
from services.core.typed import Mismatch, decoded

T = TypeVar("T", default=Response)
Scalar = str | int | float | bool | None
Part = str | int | UUID


class Upstream:
    """Another service, bound to its alias in `settings.UPSTREAMS`. Holds no connection.

    Args:
        alias: the key in the settings.
    """

    def __init__(self, alias: str) -> None:
        self.alias = alias
        connections.upstreams[alias] = self

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.alias!r})"

    async def on_open(self) -> None:
        """Start-up work: warm up, fetch a token. Bounded by `OPENING`; a failure stops the boot."""

    async def ping(self) -> None:
        """Raises if the upstream cannot serve; asked of one that is `REQUIRED`.

        Unless told otherwise, an answer of `BASE_URL` will do, if it is no 5xx.
        """
        try:
            await self.get("")
        except RefusedAnswer as error:
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
        **parts: Part,
    ) -> T:
        """Send a request and read the whole answer. `get`, `post`, `put`, `patch` and `delete` take the same.

        Args:
            method: the HTTP method.
            path: a path template below `BASE_URL`, such as `authors/{author}`.
            into: what to parse the JSON answer into; without it the answer is returned as it is.
            params: the query.
            headers: added to those of `HEADERS`.
            json: a body, sent as JSON.
            content: a body, sent as it is; an async iterator is streamed, and cannot be sent twice.
            data: the fields of a form.
            files: the files of a multipart form: name -> file, or (file name, file, content type).
            parts: the named parts of the path template; each is percent-encoded.

        Raises:
            UpstreamError: one of `services.core.errors`.
            ValueError: the path template is incomplete, or not a plain relative path.
        """
        call = Call(self.alias, method, path)
        body = {"json": json, "content": content, "data": data, "files": files}
        request = _request(call, params=params, headers=headers, **body, **parts)
        with Counting(call):
            response = await connections.send(request)
            if response.is_success and into is not Response:
                return _parsed(response, into, call)
            # Errors keep the answer, and task backends pickle errors: without credentials, query and body.
            address = request.url.copy_with(query=None) if request.url.query else request.url
            response.request = Request(method, address)
            if not response.is_success:
                raise _refused(response, call)
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
    async def stream(self, method: str, path: str, /, **more: Any) -> AsyncIterator[Response]:
        """Send a request, as `request` does, and read the answer in the block: `response.aiter_bytes()`.

        The deadline holds until the headers, then `IDLE` between two chunks; there is no limit to the
        body. Only in the event loop that owns the connection, which is that of async views.
        """
        call = Call(self.alias, method, path, stream=True)
        request = _request(call, **more)
        # Until the headers: how long the body takes is up to whoever reads it.
        with Counting(call):
            response = await connections.send(request)
            if not response.is_success:
                await response.aclose()
                raise _refused(response, call)
        try:
            yield response
        finally:
            await response.aclose()


def _request(
    call: Call,
    /,
    *,
    params: Any = None,
    headers: Any = None,
    json: Any = None,
    content: Any = None,
    data: Any = None,
    files: Any = None,
    **parts: Any,
) -> Request:
    definition = configured().get(call.alias)
    if definition is None:
        raise UnknownAlias(f"not in settings.UPSTREAMS; {meant(call.alias, configured())}", call=call)
    address = _url(url(definition.base_url, call.path, parts))
    sent = definition.sent_headers.copy()
    replace(sent, {"X-Request-ID": context.request_id.get()})
    if headers:
        replace(sent, headers)
    more = {"params": params, "extensions": {"call": call}}
    if call.method == "GET" and json is content is data is files is None:
        # Else it looks for a body, and for headers that tell of one, and copies ours.
        request = Request(call.method, address, stream=httpx.ByteStream(b""), **more)
        request.headers = sent
        return request
    body = {"json": json, "content": content, "data": data, "files": files}
    return Request(call.method, address, headers=sent, **body, **more)


_url = functools.lru_cache(maxsize=512)(httpx.URL)  # parsing one takes about 10 µs


def _refused(response: Response, call: Call) -> RefusedAnswer:
    what = f"answered {response.status_code}"
    return RefusedAnswer(what, call=call, response=response, retry_after=retry_after(response))


def _parsed(response: Response, into: type[T], call: Call) -> T:
    try:
        answer: T = decoded(response.content, into)
        return answer
    except Mismatch as error:
        # The upstream's own words, such as keys, stay out: they may be anything.
        where = ".".join(part if _is_name(part) else "…" for part in error.where.split("."))
        raise BrokenAnswer(
            f"the answer is not what was asked for: {where if error.where else 'the body'}: {error.what}",
            call=call,
        ) from None


def _is_name(part: str) -> bool:
    return part.isascii() and part.replace("_", "").isalnum() and len(part) < 50
