"""Collects garbage between two tasks when the process has grown: Python's thresholds count objects of any size."""

import gc
import os
import threading
import time
from typing import Any

from upstreams.asgi.garbage_watch import MAX_GROWTH, MIN_PAUSE
from upstreams.asgi.process_memory import ProcessMemory


class GarbageCollector:
    """Bounds what tasks leave in reference cycles, such as an error that a local variable holds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pid: int | None = None
        self._memory: ProcessMemory | None = None
        self._base, self._next_full = 0, 0.0

    def after_task(self, **_: Any) -> None:
        """Collect garbage if the process has grown, unless the project has disabled the collector."""
        if self._lock.acquire(blocking=False):
            try:
                self._collect_if_grown()
            finally:
                self._lock.release()

    def _collect_if_grown(self) -> None:
        if self._pid != os.getpid():  # a process of a pool counts its own memory
            self._open()
        if self._memory is None:
            return
        size = self._memory.size()
        self._base = min(self._base, size)
        allowed = max(MAX_GROWTH, self._base // 4)
        if size - self._base < allowed or not gc.isenabled():
            return
        gc.collect(1)  # what tasks leave is young mostly, and a small part of all objects
        if self._memory.size() > size - allowed // 2:
            start = time.monotonic()
            if start < self._next_full:
                return
            gc.collect()
            self._next_full = start + (time.monotonic() - start) * (1 + MIN_PAUSE)
        self._memory.trim()
        self._base = self._memory.size()

    def _open(self) -> None:
        self._pid, self._next_full = os.getpid(), 0.0
        try:
            self._memory = ProcessMemory()
            self._base = self._memory.size()
        except OSError:  # not Linux
            self._memory = None
