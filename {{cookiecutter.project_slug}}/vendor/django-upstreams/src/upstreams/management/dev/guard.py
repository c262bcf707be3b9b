"""Runs a function in a process of its own, and ends everything that it started, whichever of the two is killed.

    guard (the process that was started)  <- a pipe ->  supervisor (its child)  ->  the commands of the Procfile

The guard ends what is left when the supervisor is gone; the supervisor ends everything when the guard is gone.
"""

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable

from upstreams.management.dev.descendants import adopt_orphans, end_descendants
from upstreams.management.dev.signals import STOP, Signals

SUPERVISOR_TIMEOUT = 4.0
"""Seconds from the first signal for the supervisor to end; longer than it takes itself, supervisor.STOP_TIMEOUT."""
ORPHANS_TIMEOUT = 0.5
"""Seconds between SIGTERM and SIGKILL for what the supervisor has left."""


def guard(supervise: Callable[[int], int]) -> int:
    """Call a function in a child process and return the exit code that it returns.

    Args:
        supervise: gets a file descriptor that becomes readable when this process is gone.
    """
    adopt_orphans()
    signals = Signals()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(writing)
        _run_and_exit(supervise, reading)
    os.close(reading)
    code = _wait(child, signals)
    end_descendants(ORPHANS_TIMEOUT)
    return code


def _run_and_exit(supervise: Callable[[int], int], reading: int) -> None:
    # Must not return: the caller's code would run in two processes.
    code = 1
    try:
        code = supervise(reading)
    except BaseException:  # noqa: BLE001 - printed, whatever it is
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


def _wait(child: int, signals: Signals) -> int:
    deadline = None
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code
        remaining = None if deadline is None else deadline - time.monotonic()
        if remaining is not None and remaining <= 0:
            os.kill(child, signal.SIGKILL)
            remaining = None
        received, _ = signals.wait(remaining)
        if received & STOP:
            os.kill(child, signal.SIGTERM)
            deadline = deadline or time.monotonic() + SUPERVISOR_TIMEOUT
