"""Traces and reports that are still on their way when the process ends."""

import atexit
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_flushes: list[Callable[[], object]] = []


def at_end(function: Callable[[], object]) -> None:
    """Call a function when the lifespan ends, and when the process does; it must be quick, and bear repetition."""
    _flushes.append(function)
    atexit.register(function)


@contextmanager
def flushed() -> Iterator[None]:
    """The part of the lifespan that closes last: uvicorn ends with a signal, so that `atexit` is not reached."""
    yield
    flush()


def flush() -> None:
    """Do so now."""
    for one in _flushes:
        one()
