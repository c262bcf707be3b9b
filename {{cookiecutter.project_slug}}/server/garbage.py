"""Spares requests the garbage collector's look at all that came with the service."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def frozen() -> Iterator[None]:
    """What exists when the block begins is not looked at within it; it stays until the end anyway.

    Otherwise a full collection stops the event loop for some 70 ms, once in a few thousand requests: that is
    what the slowest hundredth of them would wait for.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
