"""The Redis or Valkey that the upstreams of all processes share, which may be away or slow at any time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import Context
from time import monotonic
from typing import TYPE_CHECKING

from upstreams.core.shared_state import Location

if TYPE_CHECKING:
    from redis.asyncio import Redis

logger = logging.getLogger(__name__)

TIMEOUT = 0.25
"""Seconds for a command, with its connection: what is shared must not make a call slow."""
CLOSE_TIMEOUT = 1.0
MAX_CONNECTIONS = 8
"""Of one event loop; a command occupies one for less than a millisecond."""
PROBE_INTERVAL = 1.0
"""Seconds between two probes of a server that is away; doubled each time that it is lost again soon."""
MAX_PROBE_INTERVAL = 60.0


class RedisAway(Exception):
    """The server is away, or too slow: go on without it."""


class RedisServer:
    """The connections of one event loop to the server. They are opened when the first command is sent.

    A command that fails, or takes longer than `TIMEOUT`, makes the server count as away. No call waits for it then: a
    probe in the background notices when it is back. Each change is one line in the log.

    Args:
        location: of the server.

    Attributes:
        prefix: of all keys.
        is_away: whether commands fail at once.
    """

    def __init__(self, location: Location) -> None:
        from redis.asyncio import BlockingConnectionPool, Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        self.prefix = f"{location.prefix}:upstreams" if location.prefix else "upstreams"
        self.is_away = False
        pool = BlockingConnectionPool.from_url(
            location.url,
            max_connections=MAX_CONNECTIONS + 1,  # one for the probe
            timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            socket_timeout=TIMEOUT,
            retry=Retry(NoBackoff(), 1),  # a kept connection may be dead
            **dict(location.options),
        )
        self._client: Redis = Redis.from_pool(pool)
        self._free = asyncio.Semaphore(MAX_CONNECTIONS)
        self._probe: asyncio.Task[None] | None = None
        self._interval = PROBE_INTERVAL
        self._lost_at = float("-inf")

    async def run[T](self, command: Callable[["Redis"], Awaitable[T]]) -> T:
        """Return what a command returns.

        Args:
            command: given the client.

        Raises:
            RedisAway: the server is away, refuses the command, or is too slow.
        """
        async with self._free:  # many callers at once are no sign that the server is slow
            if self.is_away:
                raise RedisAway
            return await self._run(command)

    async def _run[T](self, command: Callable[["Redis"], Awaitable[T]]) -> T:
        from redis import RedisError

        try:
            async with asyncio.timeout(TIMEOUT):
                return await command(self._client)
        except (RedisError, OSError) as error:  # TimeoutError is an OSError
            self._lose(error)
            raise RedisAway from None

    def _lose(self, error: Exception) -> None:
        if self.is_away:  # another command has noticed it at the same time
            return
        self.is_away = True
        now = monotonic()
        soon = now - self._lost_at < 2 * MAX_PROBE_INTERVAL
        self._interval = min(self._interval * 2, MAX_PROBE_INTERVAL) if soon else PROBE_INTERVAL
        self._lost_at = now
        why = str(error) or f"no response within {TIMEOUT} s"
        what = 'the Redis of CACHES["default"] is away, and each process goes on alone: %s: %s'
        logger.warning(what, type(error).__name__, why)
        # In a context of its own: the call that noticed it, with its deadline, ends before.
        self._probe = asyncio.create_task(self._wait_until_back(), context=Context())

    async def _wait_until_back(self) -> None:
        from redis import RedisError

        while self.is_away:
            await asyncio.sleep(self._interval)
            with suppress(RedisError, OSError):
                async with asyncio.timeout(TIMEOUT):
                    # A write: a server may be full, or a replica that can only be read.
                    await self._client.set(f"{self.prefix}:probe", b"", px=1000)
                    self.is_away = False
        logger.warning('the Redis of CACHES["default"] is back, and shared by all processes again')

    async def aclose(self) -> None:
        """Close the connections, and end the probe."""
        from redis import RedisError

        if self._probe is not None:
            self._probe.cancel()
            await asyncio.wait([self._probe])
        with suppress(RedisError, OSError):
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self._client.aclose()
