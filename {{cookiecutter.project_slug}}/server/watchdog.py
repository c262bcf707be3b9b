"""Notices an event loop that is blocked, says by what, and gives the process up if that does not end."""

import asyncio
import faulthandler
import logging
import sys
import threading
import time
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

logger = logging.getLogger(__name__)

BEAT = 0.1  # seconds


@asynccontextmanager
async def watched(blocked: float, give_up: float, on_beat: Callable[[float], None]) -> AsyncIterator[None]:
    """The running loop is watched inside the block.

    Args:
        blocked: seconds without a turn of the loop after which the stack of its thread is logged.
        give_up: seconds after which the process ends with code 1; 0: never.
        on_beat: told at each turn by how many seconds the loop is late.
    """
    watch = _Watch(threading.get_ident(), blocked)
    threading.Thread(target=watch.run, name="watchdog", daemon=True).start()
    beating = asyncio.create_task(_beat(watch, give_up, on_beat))
    try:
        yield
    finally:
        beating.cancel()
        watch.stop.set()
        if give_up:
            faulthandler.cancel_dump_traceback_later()


async def _beat(watch: "_Watch", give_up: float, on_beat: Callable[[float], None]) -> None:
    armed = 0.0
    while True:
        began = time.monotonic()
        if give_up and began - armed > 1:
            # Not by a thread of ours: what blocks the loop may hold the interpreter's lock, as a regular
            # expression does. This one is the interpreter's own, and prints the stacks before it ends.
            faulthandler.dump_traceback_later(give_up, exit=True, file=sys.__stderr__ or sys.stderr)
            armed = began
        await asyncio.sleep(BEAT)
        watch.beat = time.monotonic()
        late = max(0.0, watch.beat - began - BEAT)
        on_beat(late)
        if late > watch.blocked:
            logger.warning("the event loop was blocked for %.3g s", late)


class _Watch:
    def __init__(self, thread: int, blocked: float) -> None:
        self.stop = threading.Event()
        self.beat = time.monotonic()
        self._thread = thread
        self.blocked = blocked

    def run(self) -> None:
        said = 0.0
        while not self.stop.wait(BEAT):
            beat = self.beat
            if time.monotonic() - beat - BEAT > self.blocked and beat != said:
                said = beat
                logger.error("the event loop is blocked by:\n%s", self._stack())

    def _stack(self) -> str:
        frame = sys._current_frames().get(self._thread)
        return "".join(traceback.format_stack(frame)) if frame else ""
