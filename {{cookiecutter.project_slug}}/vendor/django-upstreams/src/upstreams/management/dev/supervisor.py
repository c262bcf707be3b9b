"""Runs commands side by side, and starts them anew when a file changes. No command ends another one."""

import os
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from signal import SIGCHLD, SIGKILL, SIGTERM

from upstreams.management.dev.descendants import adopt_orphans, descendants, reap_orphans, send
from upstreams.management.dev.output import say
from upstreams.management.dev.process import Process
from upstreams.management.dev.signals import STOP, Signals
from upstreams.management.dev.watch import Watcher

RESTART_TIMEOUT = 2.0
"""Seconds for commands to end before they are started anew."""
STOP_TIMEOUT = 3.0
"""Seconds for commands to end when everything ends."""
PATIENCE = 0.6
"""The part of these seconds after which SIGTERM is sent once more, to those who wait for what is in flight."""
SETTLE_INTERVAL = 0.1
"""Seconds without a change after which a save, or a checkout of many files, is complete."""
NOT_BY_A_SAVE = 3
"""The exit code of a preparation whose error no change of a file can mend."""


class Stop(Exception):
    """A signal has asked for the end, or the guard is gone."""


class Supervisor:
    """Runs commands until a signal.

    Args:
        commands: returns them, at the start and after each change; one that was returned before is the same, and
            what is not returned any more ends.
        environment: returns the variables for them; called at each start.
        prepare: runs before the first start, and again after a change if it fails.
        guard: a file descriptor that becomes readable when the guard is gone.
    """

    def __init__(
        self,
        commands: Callable[[], Sequence[Process]],
        environment: Callable[[], Mapping[str, str]],
        prepare: Process | None,
        guard: int,
    ) -> None:
        adopt_orphans()
        self._signals = Signals()
        self._guard = guard
        self._commands = commands
        self._processes = commands()
        self._environment = environment
        self._prepare = prepare
        self._watcher = Watcher(Path.cwd())
        self._is_stopping = False
        self._errors: set[str] = set()
        self._terminal = termios.tcgetattr(0) if sys.stdin.isatty() else None

    def run(self) -> int:
        """Run the commands until a signal, and return the exit code."""
        try:
            while code := self._prepare_all():
                if code == NOT_BY_A_SAVE:
                    return 1
                say("waiting for a file to be saved", is_error=True)
                self._wait_for_change()
                self._processes = self._commands()
            while True:
                self._start()
                self._restart(self._wait_for_change())
        except Stop:
            return 0
        finally:
            self._is_stopping = True
            self._end(self._known, STOP_TIMEOUT)

    @property
    def _known(self) -> list[Process]:
        return [*self._processes, *([self._prepare] if self._prepare else [])]

    def _prepare_all(self) -> int:
        if self._prepare is None:
            return 0
        self._prepare.start(self._environment())
        while (code := self._prepare.collect()) is None:
            self._turn(SETTLE_INTERVAL)
            self._prepare.output.flush()
        self._prepare.output.flush()
        return code

    def _start(self) -> None:
        self._errors.clear()
        for process in self._processes:
            if not process.is_running:
                process.start(self._environment())

    def _restart(self, paths: list[str]) -> None:
        what = paths[0] if len(paths) == 1 else f"{len(paths)} files"
        say(f"{what} changed, restarting")
        self._end([process for process in self._processes if process.restarts], RESTART_TIMEOUT)
        self._settle()
        commands = self._commands()
        self._end([process for process in self._processes if process not in commands], RESTART_TIMEOUT)
        self._processes = commands

    def _wait_for_change(self) -> list[str]:
        while not (paths := self._watcher.changed()):
            deadline = time.monotonic() + self._watcher.interval
            while (left := deadline - time.monotonic()) > 0:
                self._turn(left)
                self._report()
        return paths

    def _settle(self) -> None:
        """Wait until no more files change."""
        for _ in range(round(RESTART_TIMEOUT / SETTLE_INTERVAL)):
            self._turn(SETTLE_INTERVAL)
            if not self._watcher.changed():
                break

    def _turn(self, seconds: float) -> None:
        """Pass on output until something else happens or the time is over."""
        running = [process for process in self._known if process.is_running and not process.at_end]
        received, files = self._signals.wait(
            seconds, [self._guard, *(process.fileno() for process in running)]
        )
        for process in running:
            if process.fileno() in files:
                process.read()
            process.output.flush_if_quiet()
        if SIGCHLD in received:
            reap_orphans(process.pid for process in self._known if process.is_running)
        if not self._is_stopping and (received & STOP or self._guard in files):
            raise Stop

    def _report(self) -> None:
        """Say which commands have ended, and why."""
        for process in self._processes:
            if (code := process.collect()) is None:
                continue
            self._restore_terminal()
            reason = process.reason(code)
            if code and reason in self._errors:
                process.output.discard()
            process.output.flush()
            what = f"failed: {reason}" if code else "has ended"
            self._errors.add(reason)
            say(f"{process.name} {what}; it starts again when a file is saved", is_error=bool(code))

    def _end(self, processes: Sequence[Process], seconds: float) -> None:
        running = [process for process in processes if process.is_running]
        started = {pid for process in running for pid in (process.pid, *descendants(process.pid))}
        begun = time.monotonic()
        steps = [(0.0, SIGTERM), (seconds * PATIENCE, SIGTERM), (seconds, SIGKILL)]
        while True:
            for process in running:
                process.collect()
            left = started.intersection(descendants(os.getpid()))
            seconds_gone = time.monotonic() - begun
            # The last threads of a process may end after it: only then it can be collected.
            is_done = not left and not any(process.is_running for process in running)
            if (
                is_done or seconds_gone > seconds + 1
            ):  # whatever is left is in the kernel, which does not let go
                break
            if steps and seconds_gone >= steps[0][0]:
                send(steps.pop(0)[1], left)
            self._turn(SETTLE_INTERVAL)
        for process in running:
            # What it writes at its end is of interest, unless it was interrupted while it started.
            if process.output.is_starting:
                process.output.discard()
            process.output.flush()
        self._restore_terminal()

    def _restore_terminal(self) -> None:
        # A debugger that was killed at its prompt leaves a terminal that does not show what is typed. A process
        # in the background would be stopped for it.
        if self._terminal is not None and os.tcgetpgrp(0) == os.getpgrp():
            termios.tcsetattr(0, termios.TCSADRAIN, self._terminal)
