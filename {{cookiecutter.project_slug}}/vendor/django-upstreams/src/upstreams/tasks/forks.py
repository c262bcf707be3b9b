"""Lets forks of a worker wait for its own threads: Celery forks the processes of a prefork pool at any time."""

import os
import threading
from time import monotonic
from typing import Any

FORK_TIMEOUT = 10.0
"""Seconds that a fork waits, at most."""

_locks: list[Any] = []
_held: list[list[Any]] = []


def lock() -> Any:
    """Return a lock for a thread, which holds it while it does anything.

    A process that is forked meanwhile would inherit what the thread holds, as the lock of a module that it imports, or
    one of SQLite, and wait for it for ever.
    """
    _locks.append(threading.RLock())
    return _locks[-1]


def wait_for_locks() -> None:
    """Let each fork of this process wait until it has these locks, or `FORK_TIMEOUT` is over."""
    os.register_at_fork(before=_acquire, after_in_parent=_release, after_in_child=_release)


def _acquire() -> None:
    until = monotonic() + FORK_TIMEOUT
    _held.append([lock for lock in _locks if lock.acquire(timeout=max(until - monotonic(), 0))])


def _release() -> None:
    for lock in _held.pop():
        lock.release()
