"""Where a cache keeps its responses: in the memory of the process, by hishel's SQLite storage."""

import hashlib
import sqlite3
from typing import Any, Protocol
from uuid import UUID

import anysqlite
from hishel import AsyncBaseStorage, AsyncSqliteStorage, Entry, Headers, Request, Response

from upstreams.core.httpx import Request as Sent

MAX_CACHE_SIZE = 64 * 1024 * 1024
"""Bytes that the cache of one upstream may hold in each process."""
MAX_WRITTEN = 4096
"""URLs of which the last write is known; one more makes all that is stored stale."""


type Identity = tuple[str, str, tuple[tuple[str, str], ...], str | None]
"""All that selects a response: method, URL, headers, tenant."""


class Lookup(AsyncBaseStorage):
    """A storage as one request sees it: what is stored for it has been fetched.

    Attributes:
        entries: what is stored for the request.
    """

    entries: list[Entry]

    async def get_entries(self, key: str) -> list[Entry]:
        return self.entries


class Store(Protocol):
    """Keeps responses."""

    async def look_up(self, identity: Identity, request: Sent) -> Lookup:
        """Return what is stored for a request.

        Args:
            identity: all that selects a response.
            request: that will be sent if there is none.

        Raises:
            RedisAway: the store cannot be used.
        """

    async def invalidate(self, url: str) -> None:
        """Make all that is stored of a URL stale, for every caller (RFC 9111 §4.4)."""

    async def aclose(self) -> None:
        """Free what the store uses."""


class MemoryStore:
    """Keeps responses in the memory of this process.

    Args:
        max_body: bytes of the largest response that is stored.
    """

    def __init__(self, max_body: int) -> None:
        memory = anysqlite.Connection(sqlite3.connect(":memory:", check_same_thread=False))
        self._storage = AsyncSqliteStorage(
            connection=memory, max_stream_size=max_body, max_size=MAX_CACHE_SIZE
        )
        self._writes = self._forgotten = 0
        self._written: dict[str, int] = {}  # URL -> the number of the last write

    async def look_up(self, identity: Identity, request: Sent) -> Lookup:
        version = self._written.get(identity[1], self._forgotten)
        key = hashlib.sha256(repr((*identity, version)).encode()).hexdigest()
        return MemoryLookup(self._storage, key, await self._storage.get_entries(key))

    async def invalidate(self, url: str) -> None:
        self._writes += 1
        if len(self._written) >= MAX_WRITTEN:
            self._written.clear()
            self._forgotten = self._writes
        self._written[url] = self._writes

    async def aclose(self) -> None:
        await self._storage.close()


class MemoryLookup(Lookup):
    """What memory has for one request.

    Args:
        storage: that has it.
        key: of the request.
        entries: that are stored.
    """

    def __init__(self, storage: AsyncSqliteStorage, key: str, entries: list[Entry]) -> None:
        super().__init__()
        self.entries = entries
        self._storage = storage
        self._key = key

    async def create_entry(self, request: Request, response: Response, key: str, **more: Any) -> Entry:
        return await self._storage.create_entry(request, response, self._key, **more)

    async def update_headers(self, id: UUID, headers: Headers) -> None:  # noqa: A002 - its name in hishel
        await self._storage.update_headers(id, headers)

    async def remove_entry(self, id: UUID) -> None:  # noqa: A002 - as above
        await self._storage.remove_entry(id)
