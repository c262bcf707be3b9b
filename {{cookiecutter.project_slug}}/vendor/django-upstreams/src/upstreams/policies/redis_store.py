"""Keeps responses in Redis, for all processes.

hishel has a storage for Redis of its own, made for bodies of any length: it sends five commands one after the other
for each hit, and logs a traceback for each that fails. Bodies are whole and bounded here, so that one command reads a
response, and one writes it. A URL is a hash with a field for each set of headers: a write deletes all of them at once.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.utils.crypto import get_random_string, salted_hmac
from hishel import Entry, Headers, Request, Response

from upstreams.core.httpx import Request as Sent
from upstreams.policies.cache_store import MAX_WRITTEN, Identity, Lookup
from upstreams.policies.redis_server import RedisAway, RedisServer
from upstreams.policies.staleness import Windows, keep_for

MAX_SHARED_BODY = 1024 * 1024
"""Bytes of the largest response that is stored."""
MAX_FIELDS = 64
"""Responses of one URL, such as for different languages; one more removes the others."""
VERSION_TIME = 600_000
"""Milliseconds for which a write is known: longer than a request takes that was sent before it."""
REQUEST_ID = "x-request-id"
"""The one header that is no part of a key, though a response may vary by it."""

STORE = """
local version = redis.call('HGET', KEYS[1], 'version') or ''
if version ~= ARGV[1] then return 0 end
if redis.call('HLEN', KEYS[1]) > tonumber(ARGV[5]) then
  redis.call('DEL', KEYS[1])
  if version ~= '' then redis.call('HSET', KEYS[1], 'version', version) end
end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[4]) then redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
return 1
"""
"""Stores a response, unless the URL was written to since its request was looked up.

KEYS: of the URL. ARGV: version, field, response, milliseconds, fields at most.
"""
INVALIDATE = """
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'version', ARGV[1])
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""


class Stored(msgspec.Struct, array_like=True):
    """A response as it is stored. Of its request, nothing is: its headers may hold credentials."""

    status: int
    headers: dict[str, list[str]]
    body: bytes
    request_id: str | None


class RedisStore:
    """Keeps the responses of one upstream.

    Args:
        server: that all processes share.
        alias: of the upstream.
        max_body: bytes of the largest response that is stored.
        defaults: for how long stale responses are kept that say nothing about it.
    """

    def __init__(self, server: RedisServer, alias: str, max_body: int, defaults: Windows) -> None:
        self.max_body = min(max_body, MAX_SHARED_BODY)
        self.defaults = defaults
        self._server = server
        self._prefix = f"{server.prefix}:cache:{alias}"
        self._unsent: dict[str, None] = {}  # URLs that were written to while the server was away

    async def look_up(self, identity: Identity, request: Sent) -> Lookup:
        if self._unsent:
            await self._send_writes()
        key, field = f"{self._prefix}:{_digest(identity[1])}", _digest(repr(identity))
        found: list[Any] = await self._server.run(lambda redis: redis.hmget(key, ["version", field]))
        version, stored = found
        return RedisLookup(self, (key, version or b"", field), request, stored)

    async def write(self, place: tuple[str, bytes, str], stored: Stored) -> None:
        """Store a response, or do nothing if the server is away."""
        key, version, field = place
        milliseconds = int(keep_for(Headers(stored.headers), self.defaults) * 1000)
        if milliseconds <= 0:
            return
        values = (version, field, msgspec.msgpack.encode(stored), milliseconds, MAX_FIELDS)
        await self.attempt(STORE, key, *values)

    async def remove(self, place: tuple[str, bytes, str]) -> None:
        """Remove a response."""
        key, _, field = place
        await self.attempt("return redis.call('HDEL', KEYS[1], ARGV[1])", key, field)

    async def attempt(self, script: str, key: str, *values: Any) -> bool:
        """Run a script; return False if the server is away."""
        try:
            await self._server.run(lambda redis: redis.eval(script, 1, key, *values))
        except RedisAway:
            return False
        return True

    async def invalidate(self, url: str) -> None:
        key = f"{self._prefix}:{_digest(url)}"
        if not await self.attempt(INVALIDATE, key, get_random_string(12), VERSION_TIME):
            if len(self._unsent) >= MAX_WRITTEN:
                del self._unsent[next(iter(self._unsent))]
            self._unsent[url] = None

    async def _send_writes(self) -> None:
        unsent, self._unsent = self._unsent, {}
        for url in unsent:
            await self.invalidate(url)
        if self._unsent:
            raise RedisAway

    async def aclose(self) -> None:
        """The server is closed with the clients of its loop."""


class RedisLookup(Lookup):
    """What Redis has for one request.

    Args:
        store: that has it.
        place: the key, the version and the field.
        request: whose headers are those of the stored request, too, as they are part of the field.
        content: that is stored.
    """

    def __init__(
        self, store: RedisStore, place: tuple[str, bytes, str], request: Sent, content: bytes | None
    ) -> None:
        super().__init__()
        self.entries = []
        self._store = store
        self._place = place
        self._stored: Stored | None = None
        if content is None:
            return
        try:
            stored = self._stored = msgspec.msgpack.decode(content, type=Stored)
        except msgspec.MsgspecError:  # of another version of this package
            return
        headers = {name: request.headers.get_list(name) for name in request.headers}
        headers.pop(REQUEST_ID, None)
        if stored.request_id is not None:
            headers[REQUEST_ID] = [stored.request_id]
        of = Request(request.method, str(request.url), Headers(headers))
        response = Response(stored.status, Headers(stored.headers), _chunks(stored.body))
        self.entries.append(Entry(uuid4(), of, response))

    async def create_entry(self, request: Request, response: Response, key: str, **_: Any) -> Entry:
        saving = replace(response, stream=self._save(request, response))
        return Entry(uuid4(), request, saving)

    async def _save(self, request: Request, response: Response) -> AsyncIterator[bytes]:
        body = bytearray()
        async for chunk in response.stream or ():  # type: ignore[union-attr]
            if len(body) <= self._store.max_body:
                body += chunk
            yield chunk
        if len(body) <= self._store.max_body:
            headers = {name: response.headers.get_list(name) or [] for name in response.headers}
            stored = Stored(response.status_code, headers, bytes(body), request.headers.get(REQUEST_ID))
            await self._store.write(self._place, stored)

    async def update_headers(self, id: UUID, headers: Headers) -> None:  # noqa: A002 - its name in hishel
        if self._stored is not None:
            self._stored.headers = {name: headers.get_list(name) or [] for name in headers}
            await self._store.write(self._place, self._stored)

    async def remove_entry(self, id: UUID) -> None:  # noqa: A002 - as above
        await self._store.remove(self._place)


async def _chunks(body: bytes) -> AsyncIterator[bytes]:
    yield body


def _digest(text: str) -> str:
    # Keyed: who can read Redis must not be able to try which credential a field belongs to.
    return salted_hmac("upstreams.policies.redis_store", text, algorithm="sha256").hexdigest()
