"""The requests of SDKs as calls of an upstream: of either HTTP library, below its origin, with what the settings add."""

import re
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from upstreams.core import context
from upstreams.core.call import Call
from upstreams.core.definition import Definition
from upstreams.core.errors import UnsafeRequest
from upstreams.core.httpx import Request, httpx
from upstreams.policies.retry import IDEMPOTENT_METHODS

WORD = re.compile(r"[a-z]+(?:[._:-][a-z]+)*|v[0-9]+[a-z]*[0-9]*")
HOP_BY_HOP = {b"connection", b"keep-alive", b"proxy-connection"}
"""Headers about the connection of the SDK's client, which is not the one that is used."""
DEFAULT_PORTS = {"http": 80, "https": 443}

Run = Callable[[Callable[[], bytes | None]], Any]
"""Runs a function in the thread of the SDK, and returns an awaitable."""


class IteratedBody(httpx.AsyncByteStream):
    """A body of a request that only a sync iterator has, read in the thread of its caller.

    Args:
        chunks: the body.
        run: runs a function in that thread.
    """

    def __init__(self, chunks: Iterator[bytes], run: Run) -> None:
        self._chunks = chunks
        self._run = run

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (chunk := await self._run(lambda: next(self._chunks, None))) is not None:
            yield chunk


class OtherBody(httpx.AsyncByteStream):
    """An async body of the other HTTP library.

    Args:
        inner: the body.
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __aiter__(self) -> AsyncIterator[bytes]:
        chunks: AsyncIterator[bytes] = aiter(self._inner)
        return chunks


class LiteralURL(httpx.URL):
    """A URL whose path is sent as it was given.

    Attributes:
        raw_path: the path and the query.
    """

    raw_path = b""


def sdk_call(request: Any, definition: Definition) -> Call:
    """Return the call that a request of an SDK is.

    Raises:
        UnsafeRequest: it goes to another origin than `BASE_URL`.
    """
    base = urlsplit(definition.base_url)
    wanted = base.scheme, base.hostname, base.port or DEFAULT_PORTS[base.scheme]
    url = request.url
    if (url.scheme, url.host, url.port or DEFAULT_PORTS.get(url.scheme)) != wanted:
        error = UnsafeRequest(
            f"upstream {definition.alias}: {request.method}: a request of the SDK, or a redirect, goes to "
            f"{url.scheme}://{url.netloc.decode('ascii')}, which is not the origin of BASE_URL, {base.scheme}://{base.netloc}; "
            "give the SDK that base URL, or define an upstream for the other one"
        )
        error.alias, error.method, error.status = definition.alias, request.method, 502
        raise error
    path = url.path.removeprefix(base.path).lstrip("/")
    template = "/".join(part if WORD.fullmatch(part) else "{id}" for part in path.split("/")[:10])
    call = Call(definition.alias, request.method, template if path else "", stream=None)
    limit = request.extensions.get("timeout", {}).get("read")
    if limit is not None and limit < definition.timeout:
        call.timeout = limit
    return call


def sdk_request(
    request: Any, call: Call, definition: Definition, *, idempotent: bool, run: Run | None
) -> Request:
    """Return a request of an SDK as one of ours.

    Args:
        request: of either HTTP library.
        call: its call.
        definition: of the upstream.
        idempotent: add an `Idempotency-Key` to what has none.
        run: runs a function in the thread of a sync client.
    """
    given = [(name, value) for name, value in request.headers.raw if name.lower() not in HOP_BY_HOP]
    names = {name.lower() for name, _ in given}
    given += [(name, value) for name, value in definition.sent_headers.raw if name.lower() not in names]
    headers = httpx.Headers(given)
    if headers.get("accept-encoding") != "identity":
        headers["accept-encoding"] = "gzip, deflate"  # what the library of the SDK decodes as well as we do
    if (request_id := context.request_id.get()) is not None:
        headers["X-Request-ID"] = request_id
    if idempotent and request.method not in IDEMPOTENT_METHODS and b"idempotency-key" not in names:
        headers["Idempotency-Key"] = str(uuid.uuid4())
    url = request.url if isinstance(request, Request) else httpx.URL(str(request.url))
    sent = Request(
        request.method, url, headers=headers, stream=_body(request, run), extensions={"call": call}
    )
    target = request.extensions.get("target")
    if target is not None:  # such as the key of an object in S3, in which dots are no steps
        raw_path = b"/" + target.partition(b"://")[2].partition(b"/")[2] if b"://" in target else target
        if raw_path != url.raw_path:
            sent.url = LiteralURL(url)
            sent.url.raw_path = raw_path
    return sent


def _body(request: Any, run: Run | None) -> Any:
    stream = request.stream
    if isinstance(stream, httpx.AsyncByteStream):
        return stream
    if type(stream).__name__ == "ByteStream":  # of the other library
        return httpx.ByteStream(b"".join(stream))
    if run is not None:
        return IteratedBody(iter(stream), run)
    return OtherBody(stream)
