"""The open connections of one upstream, idle ones ready to be used again."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from random import uniform
from typing import NamedTuple

from services.core.http1.connection import Connection


class Origin(NamedTuple):
    """Where requests go (RFC 9110 §4.3.1): connections to one serve no other."""

    scheme: str
    host: str
    port: int


@dataclass(slots=True, eq=False)
class Pooled:
    """A connection, and until when it may be used.

    Args:
        connection: to the origin, or to a proxy for it.
        origin: whom it serves.
        since: when it was opened, in seconds of the pool's clock.
        until: when it is to be renewed, in seconds of that clock.
        idle_until: when it is closed if nobody has used it, in seconds of the loop's clock.
    """

    connection: Connection
    origin: Origin
    since: float
    until: float
    idle_until: float = 0.0


class Pool:
    """Hands out the connection that was used last, so that those beyond what is needed expire.

    It opens none and bounds none: the queue before it does.

    Args:
        keepalive: seconds an idle connection is kept.
        max_age: seconds after which a connection is renewed, ± 20 %.
        reuse: whether connections are used more than once.
        clock: seconds, monotonic.
    """

    def __init__(self, *, keepalive: float, max_age: float, reuse: bool, clock: Callable[[], float]) -> None:
        self.is_closed = False
        self._keepalive = keepalive
        self._max_age = max_age
        self._reuse = reuse
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._open: set[Pooled] = set()
        self._idle: dict[Origin, deque[Pooled]] = {}
        self._expiry: asyncio.TimerHandle | None = None
        self._emptied = asyncio.Event()

    @property
    def counts(self) -> tuple[int, int, float]:
        """The open connections: how many are in use, how many idle, and the age of the oldest in seconds."""
        since = [pooled.since for pooled in self._open if pooled.connection.is_open]
        idle = sum(pooled.connection.is_open for line in self._idle.values() for pooled in line)
        return len(since) - idle, idle, self._clock() - min(since) if since else 0.0

    def add(self, connection: Connection, origin: Origin) -> Pooled:
        """Keep track of a new connection, which is in use."""
        now = self._clock()
        # ± 20 %, so that the connections of all workers are not renewed at once.
        until = now + self._max_age * uniform(0.8, 1.2)  # noqa: S311 - no secret # nosec B311
        pooled = Pooled(connection, origin, now, until)
        connection.on_lost = lambda: self._lost(pooled)
        if connection.is_open:  # else it may be lost already, and nobody would say so again
            self._open.add(pooled)
        if self.is_closed:
            connection.close()
        return pooled

    def take(self, origin: Origin) -> Pooled | None:
        """An idle connection, if one is fit for use."""
        line = self._idle.get(origin)
        while line:
            pooled = line.pop()
            is_young = self._loop.time() < pooled.idle_until and self._clock() < pooled.until
            if is_young and pooled.connection.is_quiet():
                return pooled
            pooled.connection.close()
        return None

    def put(self, pooled: Pooled) -> None:
        """Keep a connection after its exchange, if another one may follow on it."""
        if not self._reuse or self.is_closed:
            pooled.connection.close()
        elif pooled.connection.release():
            pooled.idle_until = self._loop.time() + self._keepalive
            self._idle.setdefault(pooled.origin, deque()).append(pooled)
            if self._expiry is None:
                self._expiry = self._loop.call_at(pooled.idle_until, self._expire)

    def _expire(self) -> None:
        now = self._loop.time()
        for line in self._idle.values():
            while line and line[0].idle_until <= now:
                line.popleft().connection.close()
        ends = [line[0].idle_until for line in self._idle.values() if line]
        self._expiry = self._loop.call_at(min(ends), self._expire) if ends else None

    def _lost(self, pooled: Pooled) -> None:
        self._open.discard(pooled)
        pooled.connection.on_lost = None
        if not self._open:
            self._emptied.set()

    async def aclose(self) -> None:
        """Close all connections, also those in use, and wait until they are."""
        self.is_closed = True
        if self._expiry is not None:
            self._expiry.cancel()
        self._idle.clear()
        for pooled in tuple(self._open):
            pooled.connection.close()
        while self._open:
            self._emptied.clear()
            await self._emptied.wait()
