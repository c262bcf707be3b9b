"""Waits for signals, file descriptors and time in one place, so that no signal is missed between two lines."""

import os
import select
import signal
from collections.abc import Iterable
from contextlib import suppress

STOP = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
"""Signals that ask for the end; SIGHUP is that of a closed terminal."""


class Signals:
    """Receives signals from now on, in place of whatever received them before."""

    def __init__(self) -> None:
        self._reading, writing = os.pipe()
        for end in (self._reading, writing):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        for number in (*STOP, signal.SIGCHLD):
            # `nohup` ignores it for good.
            if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, lambda *_: None)

    def wait(self, seconds: float | None, files: Iterable[int] = ()) -> tuple[set[int], list[int]]:
        """Wait for a signal, for one of the files to be readable, or for the time to pass.

        Args:
            seconds: None waits without a limit.
            files: descriptors.

        Returns:
            The signals that have arrived, and the readable files.
        """
        readable = select.select([self._reading, *files], [], [], seconds)[0]
        received: set[int] = set()
        if self._reading in readable:
            readable.remove(self._reading)
            with suppress(BlockingIOError):
                received.update(os.read(self._reading, 4096))
        return received, readable
