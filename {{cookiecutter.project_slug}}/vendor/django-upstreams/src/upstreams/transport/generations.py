"""Pools of connections that another library keeps, each used for `CONNECTION_MAX_AGE`."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from random import uniform


class Generation[T]:
    """One pool.

    Args:
        pool: of the library.
        expires: when the next one takes its place, in `time.monotonic()` seconds.

    Attributes:
        opened: when it was made.
        calls: that use it.
        idle_timer: closes it when nobody has used it for some time.
    """

    def __init__(self, pool: T, opened: float, expires: float) -> None:
        self.pool = pool
        self.opened = opened
        self.expires = expires
        self.calls = 0
        self.idle_timer: asyncio.TimerHandle | None = None


class Generations[T]:
    """Uses one pool after the other: the libraries renew no connection, and some close idle ones at the next call only.

    A pool that is replaced closes when the last call that uses it has ended.

    Args:
        make: makes a pool.
        close: closes it.
        max_age: seconds for which a pool is used, ± 20 %.
        idle_timeout: seconds after which a pool without calls is closed.
    """

    def __init__(
        self,
        make: Callable[[], T],
        close: Callable[[T], Awaitable[object]],
        max_age: float,
        idle_timeout: float,
    ) -> None:
        self.is_closed = False
        self._make = make
        self._close = close
        self._max_age = max_age
        self._idle_timeout = idle_timeout
        self._current: Generation[T] | None = None
        self._replaced: set[Generation[T]] = set()
        self._closing: set[asyncio.Task[object]] = set()

    @property
    def open(self) -> list[Generation[T]]:
        """The pools that are not closed."""
        return [*([self._current] if self._current else []), *self._replaced]

    def enter(self) -> Generation[T]:
        """Return the pool for a call, which has to leave it."""
        now = time.monotonic()
        if self._current is not None and now >= self._current.expires:
            self.retire(self._current)
        if self._current is None:
            # ± 20 %, so that the connections of all workers are not renewed at once.
            age = self._max_age * uniform(0.8, 1.2)  # noqa: S311 - no secret # nosec B311
            self._current = Generation(self._make(), now, now + age)
        current = self._current
        current.calls += 1
        if current.idle_timer is not None:
            current.idle_timer.cancel()
            current.idle_timer = None
        return current

    def retire(self, generation: Generation[T]) -> None:
        """Send no further call over a pool."""
        if generation is self._current:
            self._current = None
            self._replaced.add(generation)
            self._end(generation)

    def retire_current(self) -> None:
        """Send no further call over the pool of today."""
        if self._current is not None:
            self.retire(self._current)

    def leave(self, generation: Generation[T]) -> None:
        """End a call."""
        generation.calls -= 1
        if generation is self._current and not generation.calls:
            loop = asyncio.get_running_loop()
            generation.idle_timer = loop.call_later(self._idle_timeout, self.retire, generation)
        self._end(generation)

    def _end(self, generation: Generation[T]) -> None:
        if not generation.calls and generation in self._replaced:
            self._replaced.discard(generation)
            self._cancel_timer(generation)
            task = asyncio.ensure_future(self._close(generation.pool))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def _cancel_timer(self, generation: Generation[T]) -> None:
        if generation.idle_timer is not None:
            generation.idle_timer.cancel()

    async def aclose(self) -> None:
        """Close all pools, also those in use."""
        self.is_closed = True
        generations, self._current = self.open, None
        self._replaced.clear()
        for generation in generations:
            self._cancel_timer(generation)
            await self._close(generation.pool)
        if self._closing:
            await asyncio.wait(tuple(self._closing))
