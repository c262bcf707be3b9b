"""Spares requests most of the garbage collector's work, and bounds the memory that this costs."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from upstreams.asgi.garbage_watch import GarbageWatch
from upstreams.asgi.process_memory import ProcessMemory

YOUNG_THRESHOLD = 10_000
"""New container objects after which the collector looks at them."""
DEFAULT_THRESHOLDS = {(700, 10, 10), (2000, 10, 10), (2000, 10, 0)}
"""Of Python 3.12, 3.13 and 3.14, which has no function that returns them."""


@contextmanager
def freeze_gc(watch: GarbageWatch) -> Iterator[None]:
    """Exclude what exists from garbage collection inside the block, and look at new objects less often.

    Without it a full collection stops the event loop for some 70 ms once in a few thousand requests: the
    slowest hundredth of them. And thirty requests hold more objects at once than Python's own threshold, so
    that looking at them in vain takes 3 % of the CPU.

    A count of objects says nothing about their size, so `watch` bounds the memory. Where that cannot be read, which
    is everywhere but on Linux, Python's thresholds stay. A collector that the project has disabled, or given
    thresholds of its own, is left alone.
    """
    before = gc.get_threshold()
    thresholds = (YOUNG_THRESHOLD, *before[1:])
    if not gc.isenabled() or (before != thresholds and before not in DEFAULT_THRESHOLDS):
        yield
        return
    gc.freeze()
    try:
        try:
            memory = ProcessMemory()
        except OSError:
            yield
            return
        gc.set_threshold(*thresholds)
        with memory, watch.run(memory, lambda: gc.isenabled() and gc.get_threshold() == thresholds):
            yield
    finally:
        gc.unfreeze()
        if gc.get_threshold() == thresholds:
            gc.set_threshold(*before)
