"""Spares requests most of the garbage collector's work."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 10_000
"""New objects that do not go by themselves, until the collector looks at them."""


@contextmanager
def frozen() -> Iterator[None]:
    """What exists when the block begins is not looked at within it, and what is new is looked at less often.

    Otherwise a full collection stops the event loop for some 70 ms, once in a few thousand requests: that is
    what the slowest hundredth of them would wait for. And what thirty requests hold at once is more than
    Python's own threshold, so that looking at it in vain, again and again, takes 3 % of the CPU.
    """
    thresholds = gc.get_threshold()
    gc.set_threshold(YOUNG, *thresholds[1:])
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
