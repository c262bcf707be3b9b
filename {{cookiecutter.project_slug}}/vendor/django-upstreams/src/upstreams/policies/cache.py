"""An HTTP cache (RFC 9111) in memory, by hishel, for upstreams with `CACHE`."""

import hashlib
import sqlite3

from upstreams.core.call import Call
from upstreams.core.httpx import HTTPX, Request, Response, Transport
from upstreams.policies.base import Policy

MAX_CACHE_SIZE = 64 * 1024 * 1024
"""Bytes that the cache of one upstream may hold in each process."""
KEYLESS_HEADERS = {"x-request-id", "accept-encoding", "host", "content-type", "content-length"}
"""Headers that are not part of the cache key, because they carry no credentials."""


class Cache(Policy):
    """Returns stored responses while they are fresh. Streams are never cached.

    A response to one credential is never returned for another. Any header may carry a credential, so that all are
    part of the key.

    Args:
        inner: the next transport.
        max_body: bytes of the largest response that is stored.
    """

    def __init__(self, inner: Transport, max_body: int) -> None:
        super().__init__(inner)
        import anysqlite  # installed with hishel, where an upstream has a cache
        from hishel import AsyncSqliteStorage

        if HTTPX:
            from hishel.httpx import AsyncCacheTransport
        else:
            from hishel.httpx2 import AsyncCacheTransport
        memory = anysqlite.Connection(sqlite3.connect(":memory:", check_same_thread=False))
        storage = AsyncSqliteStorage(connection=memory, max_stream_size=max_body, max_size=MAX_CACHE_SIZE)
        self._cached = AsyncCacheTransport(inner, storage=storage, rfc=True)

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        if call.stream:
            return await self._inner.handle_async_request(request)
        headers = [pair for pair in request.headers.multi_items() if pair[0] not in KEYLESS_HEADERS]
        identity = f"{call.alias} {request.url} {sorted(headers)}"
        request.extensions["caching"] = {"key": hashlib.sha256(identity.encode()).hexdigest()}
        response = await self._cached.handle_async_request(request)
        content = await response.aread()
        await response.aclose()
        return Response(response.status_code, headers=response.headers, content=content)

    async def aclose(self) -> None:
        await self._cached.aclose()  # closes the inner transport, too
