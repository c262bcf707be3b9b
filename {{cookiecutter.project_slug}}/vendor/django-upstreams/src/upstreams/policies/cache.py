"""An HTTP cache (RFC 9111) by hishel, with stale responses (RFC 5861), for upstreams with `CACHE`.

Whatever selects a response is part of its key, or the call passes the cache by: streams, calls with a body, all
methods but GET and HEAD.
"""

import copy
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final

from upstreams.core import context, metrics
from upstreams.core.call import Call
from upstreams.core.cancel_scope import CancelScope
from upstreams.core.errors import (
    Limit,
    UpstreamCertificateError,
    UpstreamCircuitOpen,
    UpstreamConnectionError,
    UpstreamError,
    UpstreamPoolExhausted,
    UpstreamProtocolError,
    UpstreamTimeout,
)
from upstreams.core.httpx import HTTPX, Request, Response, Transport, httpx, read_as
from upstreams.policies.base import SAFE_METHODS, Policy
from upstreams.policies.cacheable import REPLACEABLE, UNSTORED, Replaced, Storable, is_cacheable
from upstreams.policies.redis_server import RedisAway
from upstreams.policies.staleness import Stale, Windows, find_stale

if TYPE_CHECKING:
    from upstreams.policies.cache_store import Identity, Lookup, Store

OUTCOME: Final = "cache"
"""The extension of a response: `hit`, `revalidated`, `miss`, or `stale`."""
FAILED = (
    UpstreamConnectionError,
    UpstreamTimeout,
    UpstreamProtocolError,
    UpstreamCircuitOpen,
    UpstreamPoolExhausted,
)
STALE_MARGIN = 0.1
"""Seconds, and share of the time left, before the deadline at which a stale response is returned."""

Spawn = Callable[[Coroutine[Any, Any, None], str], None]


class Cache(Policy):
    """Returns stored responses while they are fresh, and stale ones as RFC 5861 allows.

    A response to one credential is never returned for another: all headers are part of the key, as any of them may
    carry one. What went out with a credential is stored only if the response says so by more than `max-age`
    (RFC 9111 §3.5), and what sets a cookie never.

    Args:
        inner: the next transport.
        store: keeps the responses.
        spawn: runs a coroutine in the background, by its name.
        timeout: seconds for a revalidation in the background.
        defaults: for how long stale responses may be returned that say nothing about it.
        credentials: whether a later policy, or the connection, adds a credential to every request.
    """

    def __init__(
        self,
        inner: Transport,
        store: "Store",
        spawn: Spawn | None,
        timeout: float,
        defaults: Windows,
        *,
        credentials: bool,
    ) -> None:
        super().__init__(inner)
        if HTTPX:
            from hishel.httpx import AsyncCacheTransport
        else:
            from hishel.httpx2 import AsyncCacheTransport
        # Each request brings a storage of its own; the default one opens nothing until it is used.
        self._cached = AsyncCacheTransport(Storable(inner, credentials=credentials), rfc=True)
        self._store = store
        self._spawn = spawn
        self._timeout = timeout
        self._defaults = defaults
        self._revalidating: set[Identity] = set()

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        if call.stream is not False or not is_cacheable(request):
            try:
                return await self._inner.handle_async_request(request)
            finally:
                if request.method not in SAFE_METHODS:
                    await self._store.invalidate(str(request.url))
        identity = _identity(request, call)
        try:
            lookup = await self._store.look_up(identity, request)
        except RedisAway:
            return await self._inner.handle_async_request(request)
        if (old := find_stale(lookup.entries, request.headers, self._defaults)) is None:
            return await self._send(request, call, lookup)
        if old.may_revalidate_later:
            self._revalidate(request, call, identity)
            return await _stored(old, call)
        request.extensions[REPLACEABLE] = True
        left = call.deadline - time.monotonic()
        try:
            with CancelScope(max(0.0, left - min(STALE_MARGIN, STALE_MARGIN * left))):
                return await self._send(request, call, lookup)
        except UpstreamCertificateError:
            raise  # the response may be from anybody
        except (*FAILED, Replaced):
            pass
        return await _stored(old, call)

    async def _send(self, request: Request, call: Call, lookup: "Lookup") -> Response:
        """Send a request through hishel, which returns what is fresh, revalidates and stores."""
        request.extensions["caching"] = {"key": "", "storage": lookup}
        response = await self._cached.handle_async_request(request)
        unstored: Response | None = request.extensions.pop(UNSTORED, None)
        if unstored is not None:
            return _counted(unstored, call, "miss")
        content = await response.aread()
        await response.aclose()
        found = Response(response.status_code, headers=response.headers, content=content)
        read_as(found, content, call.began)
        status = response.extensions["caching"]
        is_hit, is_new = status["from_cache"], not status["revalidated"]
        return _counted(found, call, ("hit" if is_new else "revalidated") if is_hit else "miss")

    def _revalidate(self, request: Request, call: Call, identity: "Identity") -> None:
        """Fetch a new response in the background, one at a time of each kind."""
        if self._spawn is None or identity in self._revalidating:
            return
        own = copy.copy(call)
        if call.trace is not None:
            own.trace = call.trace.again()
            if (current := context.request_trace.get()) is not None:
                current.add(own.trace)
        own.attempts, own.not_retried, own.deadline = 0, "", time.monotonic() + self._timeout
        again = Request(request.method, request.url, stream=httpx.ByteStream(b""), extensions={"call": own})
        again.headers = request.headers.copy()
        self._revalidating.add(identity)
        try:
            self._spawn(self._fetch(again, own, identity), f"revalidation of {call}")
        except (
            UpstreamError
        ):  # there are too many, or this process is shutting down: the next call tries again
            self._revalidating.discard(identity)

    async def _fetch(self, request: Request, call: Call, identity: "Identity") -> None:
        try:
            with metrics.CallMetrics(call):
                with CancelScope(self._timeout) as scope:
                    await self._send(request, call, await self._store.look_up(identity, request))
                if scope.cancel_called:
                    limit = Limit("TIMEOUT", self._timeout)
                    raise UpstreamTimeout(f"no complete response within {limit}", call=call, limit=limit)
        except (UpstreamError, RedisAway):
            pass  # counted by its outcome; the next call tries again, or stale-if-error ends
        finally:
            self._revalidating.discard(identity)

    async def aclose(self) -> None:
        await self._cached.aclose()  # closes the inner transport, too
        await self._store.aclose()


def _identity(request: Request, call: Call) -> "Identity":
    lines = [(name, value) for name, value in request.headers.multi_items() if name != "x-request-id"]
    lines.sort(key=lambda line: line[0])  # by name alone: the order of lines with one name has a meaning
    credentials = None if call.tenant is None else call.tenant.key  # those that a later policy adds
    return request.method, str(request.url), tuple(lines), credentials


def _counted(response: Response, call: Call, outcome: str) -> Response:
    response.extensions[OUTCOME] = outcome
    metrics.of(call.alias).cached(outcome).inc()
    return response


async def _stored(old: Stale, call: Call) -> Response:
    """Return a stale response, with its age (RFC 9111 §5.1)."""
    cached = old.response
    content = b"".join([chunk async for chunk in cached.stream])
    headers = [(name, value) for name in cached.headers for value in cached.headers.get_list(name) or ()]
    kept = [(name, value) for name, value in headers if name != "age"]
    found = Response(cached.status_code, headers=[*kept, ("age", str(int(old.age)))])
    read_as(found, content, call.began)
    return _counted(found, call, "stale")
