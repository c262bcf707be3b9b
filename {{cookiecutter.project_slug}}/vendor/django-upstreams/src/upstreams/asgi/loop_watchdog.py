"""Logs what blocks the event loop, and ends the process if the loop stays blocked."""

import asyncio
import faulthandler
import logging
import sys
import threading
import time
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from upstreams.asgi.access_line import write_lines
from upstreams.core import debugger

logger = logging.getLogger(__name__)

HEARTBEAT_INTERVAL = 0.1
"""Seconds between two turns of the loop that are measured."""
REARM_INTERVAL = 1.0
"""Seconds after which the timer that ends the process is set anew."""


@asynccontextmanager
async def watch_loop(
    warn_after: float, exit_after: float, observe_lag: Callable[[float], None], *, debug: bool = False
) -> AsyncIterator[None]:
    """Watch the running loop inside the block.

    Args:
        warn_after: seconds without a turn of the loop after which the stack of its thread is logged.
        exit_after: seconds after which the process exits with code 1; 0 means never.
        observe_lag: called at each turn with the seconds by which it was late.
        debug: never exit, and do not warn once a debugger is in use.
    """
    watchdog = _Watchdog(threading.get_ident(), warn_after, debug)
    exit_after = 0 if debug else exit_after
    threading.Thread(target=watchdog.run, name="watchdog", daemon=True).start()
    heartbeat = asyncio.create_task(_send_heartbeats(watchdog, exit_after, observe_lag))
    try:
        yield
    finally:
        heartbeat.cancel()
        watchdog.stop.set()
        if exit_after:
            faulthandler.cancel_dump_traceback_later()


async def _send_heartbeats(
    watchdog: "_Watchdog", exit_after: float, observe_lag: Callable[[float], None]
) -> None:
    armed_at = 0.0
    while True:
        started = time.monotonic()
        if exit_after and started - armed_at > REARM_INTERVAL:
            # The interpreter's own thread: a thread of ours would not run while what blocks the loop holds the
            # interpreter's lock, as a regular expression does. It prints the stacks before it exits.
            faulthandler.dump_traceback_later(exit_after, exit=True, file=sys.__stderr__ or sys.stderr)
            armed_at = started
        await asyncio.sleep(HEARTBEAT_INTERVAL)
        watchdog.heartbeat = time.monotonic()
        lag = max(0.0, watchdog.heartbeat - started - HEARTBEAT_INTERVAL)
        observe_lag(lag)
        if lag > watchdog.warn_after and not debugger.in_use:
            logger.warning("the event loop was blocked for %.3g s", lag)


class _Watchdog:
    def __init__(self, thread: int, warn_after: float, debug: bool) -> None:
        self.stop = threading.Event()
        self.heartbeat = time.monotonic()
        self.warn_after = warn_after
        self._thread = thread
        self._debug = debug

    def run(self) -> None:
        logged = 0.0
        while not self.stop.wait(HEARTBEAT_INTERVAL):
            if self._debug and debugger.look():
                return
            heartbeat = self.heartbeat
            blocked = time.monotonic() - heartbeat - HEARTBEAT_INTERVAL > self.warn_after
            if blocked and heartbeat != logged:
                logged = heartbeat
                write_lines()  # of the requests that came before what blocks
                logger.error("the event loop is blocked by:\n%s", self._stack())

    def _stack(self) -> str:
        # Private: sys._current_frames() (CPython). It only reads; asgi/test_loop_watchdog.py watches it.
        frame = sys._current_frames().get(self._thread)
        return "".join(traceback.format_stack(frame)) if frame else ""
