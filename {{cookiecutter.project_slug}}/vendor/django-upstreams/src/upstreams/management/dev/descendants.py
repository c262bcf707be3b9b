"""Finds and ends the processes that this process has started, and those that they have started."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

# Of prctl(2), which only Linux has.
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
POLL_INTERVAL = 0.02
"""Seconds between two looks whether processes have ended."""


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, so that none is lost. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent() -> Callable[[], None] | None:
    """Return a function to call in a new child: the system kills the child when this process ends. Linux only."""
    if sys.platform != "linux":
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def in_child() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it ended before the line above
            os._exit(1)

    return in_child


def reap_orphans(known: Iterable[int]) -> None:
    """Take note of the end of adopted processes, which would stay as zombies.

    Args:
        known: process ids that somebody else waits for.
    """
    ended = [pid for pid, parent, is_zombie in _processes() if is_zombie and parent == os.getpid()]
    for pid in set(ended).difference(known):
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def descendants(root: int) -> list[int]:
    """Return the ids of all processes below a process."""
    children: dict[int, list[int]] = {}
    for pid, parent, is_zombie in _processes():
        if not is_zombie:
            children.setdefault(parent, []).append(pid)
    found = list(children.get(root, []))
    for pid in found:
        found += children.get(pid, [])
    return found


def send(number: int, pids: Iterable[int]) -> None:
    """Send a signal to each of these processes that is still there."""
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def end_descendants(seconds: float) -> None:
    """End all processes below this one.

    Args:
        seconds: between SIGTERM and SIGKILL.
    """
    deadline = time.monotonic() + seconds
    send(signal.SIGTERM, descendants(os.getpid()))
    while found := descendants(os.getpid()):
        reap_orphans([])
        if time.monotonic() > deadline:
            send(signal.SIGKILL, found)
            if time.monotonic() > deadline + 1:
                return
        time.sleep(POLL_INTERVAL)


def _processes() -> list[tuple[int, int, bool]]:
    """Return the id, the parent's id, and whether it is a zombie, of each process."""
    if not Path("/proc/self/stat").exists():
        return _listed()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            # The name of the program, in brackets, may hold anything.
            state, parent = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[:2]
            found.append((int(folder.name), int(parent), state == "Z"))
    return found


def _listed() -> list[tuple[int, int, bool]]:
    command = ["ps", "-A", "-o", "pid=,ppid=,stat="]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as ps:  # noqa: S603 - the line above
        rows = [line.split() for line in ps.communicate()[0].splitlines()]
    return [(int(pid), int(parent), state[0] == "Z") for pid, parent, state in rows if int(pid) != ps.pid]
