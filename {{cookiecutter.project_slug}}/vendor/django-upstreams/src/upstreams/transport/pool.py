"""The open connections of one upstream; idle ones are reused."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from random import uniform
from typing import NamedTuple

from upstreams.transport import keep_alive
from upstreams.transport.connection import Connection
from upstreams.transport.request import Fields

MAX_IDLE_ORIGINS = 100
"""Origins to which idle connections are kept; only tenants have more than two."""


class Origin(NamedTuple):
    """Where requests go (RFC 9110 §4.3.1). A connection serves one origin only.

    Attributes:
        is_foreign: whether a tenant has named it, and not the settings.
    """

    scheme: str
    host: str
    port: int
    is_foreign: bool = False


class Counts(NamedTuple):
    """The open connections of an upstream.

    Args:
        in_use: carry requests.
        idle: are kept for others.
        age: of the oldest, in seconds.
    """

    in_use: int
    idle: int
    age: float


@dataclass(slots=True, eq=False)
class PooledConnection:
    """A connection, and how long it may be used.

    Args:
        connection: to the origin, or to a proxy for it.
        origin: that it serves.
        opened: in seconds of the pool's clock.
        expires: when it is to be renewed, in seconds of the pool's clock.
        generation: of the pool, when it was opened.
        idle_timeout: seconds for which it is kept when it is idle.
        idle_until: when it is closed unless it is used, in seconds of the event loop's clock.
        requests_left: how many more it may carry; None without a limit.
    """

    connection: Connection
    origin: Origin
    opened: float
    expires: float
    generation: int
    idle_timeout: float
    idle_until: float = 0.0
    requests_left: int | None = None


class Pool:
    """Hands out the connection that was used last, so that those beyond the need expire.

    It neither opens connections nor limits them: the bulkhead before it does.

    Args:
        idle_timeout: seconds for which an idle connection is kept.
        max_age: seconds after which a connection is renewed, ± 20 %.
        reuse: whether connections are used more than once.
        clock: monotonic, in seconds.
    """

    def __init__(
        self, *, idle_timeout: float, max_age: float, reuse: bool, clock: Callable[[], float]
    ) -> None:
        self.is_closed = False
        self._idle_timeout = idle_timeout
        self._max_age = max_age
        self._reuse = reuse
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._generation = 0
        self._open: set[PooledConnection] = set()
        self._idle: dict[Origin, deque[PooledConnection]] = {}
        self._expiry: asyncio.TimerHandle | None = None
        self._emptied = asyncio.Event()

    @property
    def counts(self) -> Counts:
        """The open connections."""
        opened = [pooled.opened for pooled in self._open if pooled.connection.is_open]
        idle = sum(pooled.connection.is_open for line in self._idle.values() for pooled in line)
        return Counts(len(opened) - idle, idle, self._clock() - min(opened) if opened else 0.0)

    def add(self, connection: Connection, origin: Origin) -> PooledConnection:
        """Track a new connection, which is in use."""
        now = self._clock()
        # ± 20 %, so that the connections of all workers are not renewed at once.
        expires = now + self._max_age * uniform(0.8, 1.2)  # noqa: S311 - no secret # nosec B311
        pooled = PooledConnection(connection, origin, now, expires, self._generation, self._idle_timeout)
        connection.on_lost = lambda: self._lost(pooled)
        if connection.is_open:  # a connection that is lost already would never call on_lost
            self._open.add(pooled)
        if self.is_closed:
            connection.close()
        return pooled

    def limit(self, pooled: PooledConnection, fields: Fields) -> None:
        """Keep a new connection no longer than the first response on it, whose headers these are, says."""
        timeout, pooled.requests_left = keep_alive.limits(fields)
        if timeout is not None:
            pooled.idle_timeout = min(timeout, pooled.idle_timeout)

    def acquire(self, origin: Origin) -> PooledConnection | None:
        """Return an idle connection that is fit for use, if there is one."""
        line = self._idle.get(origin)
        while line:
            pooled = line.pop()
            is_young = self._loop.time() < pooled.idle_until and self._clock() < pooled.expires
            if is_young and pooled.connection.is_silent():
                if pooled.requests_left is not None:
                    pooled.requests_left -= 1
                return pooled
            pooled.connection.close()
        return None

    def renew(self) -> None:
        """Use no connection again that is open now: those in use close after their exchange."""
        self._generation += 1
        for line in self._idle.values():
            for pooled in line:
                pooled.connection.close()
        self._idle.clear()

    def release(self, pooled: PooledConnection) -> None:
        """Keep a connection after its exchange, if another one may follow."""
        is_last = pooled.requests_left == 0 or pooled.generation != self._generation
        if is_last or not self._reuse or self.is_closed:
            pooled.connection.close()
        elif pooled.connection.end_exchange():
            pooled.idle_until = self._loop.time() + pooled.idle_timeout
            self._line(pooled.origin).append(pooled)
            if self._expiry is None:
                self._expiry = self._loop.call_at(pooled.idle_until, self._expire)

    def _line(self, origin: Origin) -> deque[PooledConnection]:
        """Return the idle connections of an origin; those of the origin that was not used for longest may close."""
        line = self._idle.get(origin)
        if line is None:
            line = self._idle[origin] = deque()
        elif len(self._idle) > 1:
            self._idle[origin] = self._idle.pop(origin)
        if len(self._idle) > MAX_IDLE_ORIGINS:
            for pooled in self._idle.pop(next(iter(self._idle))):
                pooled.connection.close()
        return line

    def _expire(self) -> None:
        now = self._loop.time()
        # A line is in this order unless its servers have several limits of their own; then some close a little later.
        for origin, line in tuple(self._idle.items()):
            while line and line[0].idle_until <= now:
                line.popleft().connection.close()
            if not line:
                del self._idle[origin]
        ends = [line[0].idle_until for line in self._idle.values() if line]
        self._expiry = self._loop.call_at(min(ends), self._expire) if ends else None

    def _lost(self, pooled: PooledConnection) -> None:
        self._open.discard(pooled)
        pooled.connection.on_lost = None
        if not self._open:
            self._emptied.set()

    async def aclose(self) -> None:
        """Close all connections, also those in use, and wait until they are closed."""
        self.is_closed = True
        if self._expiry is not None:
            self._expiry.cancel()
        self._idle.clear()
        for pooled in tuple(self._open):
            pooled.connection.close()
        while self._open:
            self._emptied.clear()
            await self._emptied.wait()
