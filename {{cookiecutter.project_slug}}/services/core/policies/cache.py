"""An HTTP cache (RFC 9111), by hishel, for an upstream whose definition asks for it."""

import hashlib
import sqlite3

from services.core.errors import Call
from services.core.http import HTTPX, Request, Response, Transport
from services.core.policies.layer import Layer

SIZE = 64 * 1024 * 1024
"""Bytes of memory a process may use for one upstream's answers."""
NO_CREDENTIALS = {"x-request-id", "accept-encoding", "host", "content-type", "content-length"}


class Cache(Layer):
    """Answers from memory what may be answered from memory. Streams pass by.

    What was sent with one credential answers no other: any header may be one, so all are part of the key.

    Args:
        inner: the next transport.
        max_body: bytes of the largest answer that is kept.
    """

    def __init__(self, inner: Transport, max_body: int) -> None:
        super().__init__(inner)
        import anysqlite  # not installed unless an upstream has a cache
        from hishel import AsyncSqliteStorage

        if HTTPX:
            from hishel.httpx import AsyncCacheTransport
        else:
            from hishel.httpx2 import AsyncCacheTransport
        memory = anysqlite.Connection(sqlite3.connect(":memory:", check_same_thread=False))
        storage = AsyncSqliteStorage(connection=memory, max_stream_size=max_body, max_size=SIZE)
        self._cached = AsyncCacheTransport(inner, storage=storage, rfc=True)

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        if call.stream:
            return await self._inner.handle_async_request(request)
        headers = [pair for pair in request.headers.multi_items() if pair[0] not in NO_CREDENTIALS]
        identity = f"{call.alias} {request.url} {sorted(headers)}"
        request.extensions["caching"] = {"key": hashlib.sha256(identity.encode()).hexdigest()}
        response = await self._cached.handle_async_request(request)
        content = await response.aread()
        await response.aclose()
        return Response(response.status_code, headers=response.headers, content=content)

    async def aclose(self) -> None:
        await self._cached.aclose()  # closes the inner one, too
