"""One command of the Procfile, as often as it is started."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from typing import IO

from upstreams.management.dev.descendants import die_with_parent
from upstreams.management.dev.output import Output

CHUNK = 65_536


class Process:
    """A command that shares this terminal: it reads from it, and what it prints is seen at once.

    Args:
        name: used in messages.
        command: the program and its arguments.
        restarts: whether it is started anew when a file changes; another one only if it has ended.

    Attributes:
        output: what it writes to stderr.
        at_end: whether it has closed its stderr.
    """

    def __init__(self, name: str, command: Sequence[str], *, restarts: bool = True) -> None:
        self.name = name
        self.restarts = restarts
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self.output = Output()
        self.at_end = False

    @property
    def is_running(self) -> bool:
        """Whether it was started, and its end was not collected."""
        return self._process is not None

    @property
    def pid(self) -> int:
        """Its process id, while it is running."""
        assert self._process  # noqa: S101 - for the type checker # nosec B101
        return self._process.pid

    def start(self, environment: Mapping[str, str]) -> None:
        """Start the command."""
        self.output, self.at_end = Output(), False
        # Its stderr passes through here, for the last line of an error. Prompts are written to stdout.
        self._process = subprocess.Popen(  # noqa: S603 - of the project itself
            self._command,
            env=environment,
            stderr=subprocess.PIPE,
            preexec_fn=die_with_parent(),  # noqa: PLW1509 - this process has one thread
        )
        os.set_blocking(self.fileno(), False)

    def fileno(self) -> int:
        """The file to read its stderr from, while it is running."""
        return self._stderr().fileno()

    def read(self) -> bool:
        """Take what it has written; return whether there may be more."""
        try:
            data = os.read(self.fileno(), CHUNK)
        except BlockingIOError:
            return False
        self.output.feed(data)
        self.at_end = not data
        return bool(data)

    def collect(self) -> int | None:
        """Return its exit code if it has ended since the last call, negative for a signal; otherwise None."""
        if self._process is None or self._process.poll() is None:
            return None
        while self.read():
            pass
        self._stderr().close()
        code: int = self._process.returncode
        self._process = None
        return code

    def reason(self, code: int) -> str:
        """Return why it ended: the error that it wrote, or the signal or the exit code."""
        if code < 0:
            return f"ended by {signal.Signals(-code).name}"
        return self.output.error() or f"exit code {code}"

    def _stderr(self) -> IO[bytes]:
        assert self._process  # noqa: S101 - for the type checker # nosec B101
        assert self._process.stderr  # noqa: S101 - for the type checker # nosec B101
        return self._process.stderr
