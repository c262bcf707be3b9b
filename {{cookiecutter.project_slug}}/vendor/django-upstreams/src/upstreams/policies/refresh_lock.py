"""A lock among processes, in `CACHES["default"]`, for the refresh of one token."""

import asyncio
import hashlib
import logging
import secrets
from functools import cache

from django.core.cache import caches
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.locmem import LocMemCache

from upstreams.policies import functions

logger = logging.getLogger(__name__)

TIME_TO_SAVE = 30.0
"""Seconds for which the lock outlives the longest refresh; when its holder is killed, others wait until then."""
INTERVALS = (0.05, 0.5)
"""Seconds between two looks at the lock, at first and at most."""


class RefreshLock:
    """The lock of one token.

    Args:
        alias: of the upstream.
        key: of the user.
        seconds: that a refresh may take.
    """

    def __init__(self, alias: str, key: str, seconds: float) -> None:
        self._cache = caches["default"]
        self._key = f"upstreams:refresh:{alias}:{hashlib.sha256(key.encode()).hexdigest()}"
        self._lifetime = seconds + TIME_TO_SAVE
        self._owner = secrets.token_hex()
        self._is_held = False
        self._interval = INTERVALS[0]
        if isinstance(self._cache, (DummyCache, LocMemCache)):
            _warn(alias)

    async def acquire(self) -> bool:
        """Return whether the lock is ours now."""
        found: bool = await functions.call(self._cache.add, self._key, self._owner, self._lifetime)
        self._is_held = found
        return found

    async def wait(self) -> None:
        """Wait before the next look."""
        await asyncio.sleep(self._interval)
        self._interval = min(2 * self._interval, INTERVALS[1])

    async def release(self) -> None:
        """Give the lock back, if it is still ours."""
        if self._is_held and await functions.call(self._cache.get, self._key) == self._owner:
            await functions.call(self._cache.delete, self._key)


@cache
def _warn(alias: str) -> None:
    logger.warning(
        'upstream %s: CACHES["default"] belongs to this process alone: others may refresh the token of a user at '
        "the same time, which many servers refuse; use Redis, Memcached or the database",
        alias,
    )
