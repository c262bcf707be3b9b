"""Collects garbage, and returns freed memory, when the process has grown and when no request is running.

asleep ──request──▶ checking ──no request for IDLE_DELAY: the last collection──▶ asleep
"""

import asyncio
import gc
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from upstreams.asgi.concurrency import ConcurrencyLimits
from upstreams.asgi.process_memory import ProcessMemory

CHECK_INTERVAL = 0.01
"""Seconds between two checks, in which a process grows by some 20 MiB at most."""
STREAM_CHECK_INTERVAL = 0.1
"""Seconds between two checks while streams alone are open: most of them wait, and hold little."""
IDLE_DELAY = 0.25
"""Seconds without a request after which a collection delays nobody."""
IDLE_DURATION = 0.01
"""Seconds that it may take; where a full collection took longer, only young objects are looked at."""
MAX_GROWTH = 32 * 2**20
"""Bytes that the process may grow before garbage is collected; a quarter of its size, if that is more."""
RESTING_GROWTH = 8 * 2**20
"""Bytes by which the process may be larger than when it was last idle, before freed memory is returned."""
MIN_PAUSE = 10
"""Times the duration of a full collection until the next one, so that they take a tenth of the time at most."""
BACKOFF_TIME = 10.0
"""Seconds for which a collection that found little garbage doubles the growth that the process may have."""


class GarbageWatch:
    """Runs the collector by the resident size of the process: Python's thresholds count objects of any size.

    Args:
        slots: count the requests that are running.

    Attributes:
        next_check: a request that arrives after it, by `time.monotonic()`, calls `check`.
    """

    def __init__(self, slots: ConcurrencyLimits) -> None:
        self._slots = slots
        self.next_check = math.inf
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_awake(self) -> bool:
        """Whether there was a request since the process was idle."""
        return self._timer is not None

    @contextmanager
    def run(self, memory: ProcessMemory, may_collect: Callable[[], bool]) -> Iterator[None]:
        """Watch inside the block.

        Args:
            memory: of the process.
            may_collect: returns whether the project leaves the collector to this package.
        """
        self._memory, self._may_collect = memory, may_collect
        self._base = self._resting = memory.size()
        self._doublings, self._backoff_end = 0, 0.0
        self._duration = self._next_full = 0.0
        self.next_check = 0.0
        try:
            yield
        finally:
            self.next_check = math.inf
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def check(self, now: float) -> None:
        """Collect garbage if the process has grown, and check again until it is idle."""
        self.next_check = now + CHECK_INTERVAL
        self._last_request, self._was_idle = now, False
        if not self.is_awake:
            self._set_timer()
        self._collect_if_grown(now)

    def _set_timer(self, interval: float = CHECK_INTERVAL) -> None:
        self._timer = asyncio.get_running_loop().call_later(interval, self._on_timer)

    def _on_timer(self) -> None:
        now = time.monotonic()
        self._timer = None
        if self._slots.requests.in_use or self._slots.uploads.in_use:
            self._last_request = now
        is_idle = now > self._last_request + IDLE_DELAY
        if not is_idle:
            self._set_timer()
        elif self._slots.streams.in_use:
            self._set_timer(STREAM_CHECK_INTERVAL)
        if is_idle and not self._was_idle:
            self._collect_when_idle(now)
        else:
            self._collect_if_grown(now)
        self._was_idle = is_idle

    def _collect_when_idle(self, now: float) -> None:
        if not self._may_collect():
            return
        if self._duration < IDLE_DURATION:
            self._collect_all(now)
        else:
            gc.collect(1)
        if self._memory.size() > self._resting + RESTING_GROWTH:
            self._memory.trim()
        self._base = self._resting = self._memory.size()
        self._doublings = 0

    def _collect_if_grown(self, now: float) -> None:
        size = self._memory.size()
        self._base = min(self._base, size)
        if now > self._backoff_end:
            self._doublings = 0
        allowed = max(MAX_GROWTH, self._base // 4) << self._doublings
        if size - self._base < allowed or not self._may_collect():
            return
        enough = size - allowed // 2
        is_early = now < self._next_full
        # Most garbage has not lived long, and young objects are a small part of a large process.
        young, full = partial(gc.collect, 1), partial(self._collect_all, now)
        for free in (young, self._memory.trim, full, self._memory.trim):
            free()
            if self._memory.size() <= enough:
                break
            if is_early:
                return
        else:  # most is in use: a cache that fills, or large requests
            self._doublings += 1
            self._backoff_end = now + BACKOFF_TIME
        self._base = self._memory.size()

    def _collect_all(self, now: float) -> None:
        start = time.perf_counter()
        gc.collect()
        self._duration = time.perf_counter() - start
        self._next_full = now + self._duration * (1 + MIN_PAUSE)
