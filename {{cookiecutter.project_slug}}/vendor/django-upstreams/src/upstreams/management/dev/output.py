"""What the processes write to stderr, and what the supervisor says about them."""

import os
import re
import sys
import time
from contextlib import suppress

HOLD_FOR = 5.0
"""Seconds from the start of a process in which its output is held back for a moment."""
QUIET_AFTER = 0.3
"""Seconds of silence after which held output is written."""
QUIET_AFTER_ERROR = 1.5
"""The same for an error, which may be its last words: with all of Django loaded, it ends a good while after them."""
TAIL_SIZE = 16_384
"""Bytes at the end of the output in which the error is looked for."""
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# Lines at the end that say nothing of the cause.
BLANKS = re.compile(r"\s*$|\s+HINT: |System check identified \d+ issue|WARNINGS:|During handling of")
STDERR = 2


def uses_colours() -> bool:
    """Return whether people read the output in a terminal that shows colours: https://no-color.org."""
    is_terminal = sys.stdout.isatty() and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return is_terminal and not os.environ.get("NO_COLOR")


def say(message: str, *, is_error: bool = False) -> None:
    """Write a line of the supervisor's own."""
    line = f"dev: {message}"
    if uses_colours():
        line = f"\x1b[1;{31 if is_error else 34}m{line}\x1b[0m"
    write(f"{line}\n".encode())


def write(data: bytes) -> None:
    """Write to stderr as it is; without a terminal any more, nowhere."""
    with suppress(OSError):
        while data:
            data = data[os.write(STDERR, data) :]


class Output:
    """Passes on what a process writes. While it starts, an error that another process has shown is left out."""

    def __init__(self) -> None:
        self._started = self._latest = time.monotonic()
        self._held = b""
        self._tail = b""

    @property
    def is_starting(self) -> bool:
        """Whether the process was started a moment ago."""
        return time.monotonic() - self._started < HOLD_FOR

    def feed(self, data: bytes) -> None:
        """Take what the process has written."""
        self._latest = time.monotonic()
        self._tail = (self._tail + data)[-TAIL_SIZE:]
        self._held += data
        if not self.is_starting:
            self.flush()

    def flush_if_quiet(self) -> None:
        """Write what is held back, unless the process is in the middle of something."""
        seconds = QUIET_AFTER_ERROR if b"Error" in self._held else QUIET_AFTER
        if self._held and time.monotonic() - self._latest > seconds:
            self.flush()

    def flush(self) -> None:
        """Write what is held back."""
        write(self._held)
        self._held = b""

    def discard(self) -> None:
        """Forget what is held back."""
        self._held = b""

    def error(self) -> str:
        """Return the line that names the error, most often the last one; empty if nothing was written."""
        lines = COLOURS.sub("", self._tail.decode(errors="replace")).splitlines()
        return next((line.strip() for line in reversed(lines) if not BLANKS.match(line)), "")
