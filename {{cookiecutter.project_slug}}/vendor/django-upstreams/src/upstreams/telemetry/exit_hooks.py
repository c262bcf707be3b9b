"""Sends what traces and error reports are still buffered when the process ends."""

import atexit
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_flushes: list[Callable[[], object]] = []


def flush_at_exit(function: Callable[[], object]) -> None:
    """Call a function when the lifespan ends, and when the process does.

    Args:
        function: must be quick, and may be called more than once.
    """
    _flushes.append(function)
    atexit.register(function)


@contextmanager
def flush_on_exit() -> Iterator[None]:
    """Flush at the end of the block. uvicorn ends by a signal, so that `atexit` functions are not called."""
    yield
    flush()


def flush() -> None:
    """Send what is buffered now."""
    for function in _flushes:
        function()
