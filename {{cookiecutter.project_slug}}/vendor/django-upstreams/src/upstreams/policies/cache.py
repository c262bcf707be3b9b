"""An HTTP cache (RFC 9111) in memory, by hishel, for upstreams with `CACHE`.

Whatever selects a response is part of its key, or the call passes the cache by: streams, calls with a body, all
methods but GET and HEAD.
"""

import hashlib
import re
import sqlite3

from upstreams.core.call import Call
from upstreams.core.httpx import HTTPX, Request, Response, Transport, httpx, read_as
from upstreams.core.urls import NO_CREDENTIALS
from upstreams.policies.base import Policy

MAX_CACHE_SIZE = 64 * 1024 * 1024
"""Bytes that the cache of one upstream may hold in each process."""
MAX_WRITTEN = 4096
"""URLs of which the last write is known; one more makes all that is stored stale."""
SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}
ALLOWS_SHARING = re.compile(r"(^|[\s,])(public|must-revalidate|s-maxage)(?![\w-])", re.IGNORECASE)
FORBIDS_SHARING = re.compile(r"(^|[\s,])(private|no-store)(?![\w-])", re.IGNORECASE)
QUOTED = re.compile(r'"[^"]*"')
UNSTORED = "unstored"
"""The extension of a request whose response must not be stored: that response."""


class Cache(Policy):
    """Returns stored responses while they are fresh.

    A response to one credential is never returned for another: all headers are part of the key, as any of them may
    carry one. What went out with a credential is stored only if the response says so by more than `max-age`
    (RFC 9111 §3.5), and what sets a cookie never.

    Args:
        inner: the next transport.
        max_body: bytes of the largest response that is stored.
        credentials: whether a later policy, or the connection, adds a credential to every request.
    """

    def __init__(self, inner: Transport, max_body: int, *, credentials: bool) -> None:
        super().__init__(inner)
        import anysqlite  # installed with hishel, where an upstream has a cache
        from hishel import AsyncSqliteStorage

        if HTTPX:
            from hishel.httpx import AsyncCacheTransport
        else:
            from hishel.httpx2 import AsyncCacheTransport
        memory = anysqlite.Connection(sqlite3.connect(":memory:", check_same_thread=False))
        storage = AsyncSqliteStorage(connection=memory, max_stream_size=max_body, max_size=MAX_CACHE_SIZE)
        self._cached = AsyncCacheTransport(
            Storable(inner, credentials=credentials), storage=storage, rfc=True
        )
        self._writes = self._forgotten = 0
        self._written: dict[str, int] = {}  # URL -> the number of the last write

    async def handle_async_request(self, request: Request) -> Response:
        if Call.of(request).stream is not False or not _is_cacheable(request):
            try:
                return await self._inner.handle_async_request(request)
            finally:
                if request.method not in SAFE_METHODS:
                    self._invalidate(str(request.url))
        request.extensions["caching"] = {"key": self._key(request)}
        response = await self._cached.handle_async_request(request)
        unstored: Response | None = request.extensions.pop(UNSTORED, None)
        if unstored is not None:
            return unstored
        content = await response.aread()
        await response.aclose()
        found = Response(response.status_code, headers=response.headers, content=content)
        read_as(found, content, Call.of(request).began)
        return found

    def _key(self, request: Request) -> str:
        url = str(request.url)
        lines = [(name, value) for name, value in request.headers.multi_items() if name != "x-request-id"]
        lines.sort(key=lambda line: line[0])  # by name alone: the order of lines with one name has a meaning
        tenant = Call.of(request).tenant
        credentials = tenant.key if tenant is not None else None  # those that a later policy adds
        identity = (request.method, url, lines, credentials, self._written.get(url, self._forgotten))
        return hashlib.sha256(repr(identity).encode()).hexdigest()

    def _invalidate(self, url: str) -> None:
        """Make all that is stored of a URL stale, for every caller (RFC 9111 §4.4)."""
        self._writes += 1
        if len(self._written) >= MAX_WRITTEN:
            self._written.clear()
            self._forgotten = self._writes
        self._written[url] = self._writes

    async def aclose(self) -> None:
        await self._cached.aclose()  # closes the inner transport, too


class Storable(Policy):
    """Keeps responses from being stored that hishel would store.

    Args:
        inner: the next transport.
        credentials: whether every request has a credential.
    """

    def __init__(self, inner: Transport, *, credentials: bool) -> None:
        super().__init__(inner)
        self._credentials = credentials

    async def handle_async_request(self, request: Request) -> Response:
        # Before the inner policies add headers, such as one of a trace.
        is_tenants = Call.of(request).tenant is not None
        has_credential = self._credentials or is_tenants or not NO_CREDENTIALS.issuperset(request.headers)
        response = await self._inner.handle_async_request(request)
        control = response.headers.get("cache-control", "")
        directives = QUOTED.sub("", control)
        is_allowed = not has_credential or ALLOWS_SHARING.search(directives) is not None
        if response.status_code == 304:  # its headers replace those that are stored
            response.headers.pop("set-cookie", None)
            if control and (not is_allowed or FORBIDS_SHARING.search(directives)):
                response.headers["cache-control"] = f"{control}, no-cache"
            return response
        if is_allowed and "set-cookie" not in response.headers:
            return response
        request.extensions[UNSTORED] = response
        return Response(response.status_code, headers={"cache-control": "no-store"})


def _is_cacheable(request: Request) -> bool:
    is_empty = isinstance(request.stream, httpx.ByteStream) and not any(request.stream)
    asks_not_to = "no-store" in request.headers.get("cache-control", "").lower()
    return is_empty and request.method in ("GET", "HEAD") and not asks_not_to
