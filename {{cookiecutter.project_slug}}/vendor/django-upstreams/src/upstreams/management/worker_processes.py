"""The workers of `manage.py serve --workers`, and the process that replaces them."""

import logging
import signal
import time
from functools import partial
from socket import socket

from uvicorn import Config
from uvicorn.supervisors import Multiprocess, multiprocess

logger = logging.getLogger(__name__)

NAMES = {one.value: one.name for one in signal.Signals}
HINTS = {
    "SIGBUS": ": the folder of PROMETHEUS_MULTIPROC_DIR is full",
    "SIGKILL": ": by the platform, if its memory was at the limit",
}
EXIT_TIMEOUT = 1.0
"""Seconds that a worker which does not respond has to end: its pipe may be closed before the process is gone."""


class Worker(multiprocess.Process):
    """A worker that has time to import the service.

    uvicorn kills a worker that does not respond within five seconds, also before it has imported what it needs. On
    a slow or throttled machine, each worker was replaced by one that was killed, too.

    Args:
        startup: seconds.
        config: of the server.
        sockets: which it listens on.
    """

    def __init__(self, startup: float, config: Config, sockets: list[socket]) -> None:
        super().__init__(config, sockets)
        self._startup_ends = time.monotonic() + startup
        self._is_pinged = self._has_responded = False

    def is_alive(self, timeout: float = 5) -> bool:
        """Return whether it responds, or may still be starting."""
        # Undocumented: Process.is_alive, process and parent_conn (uvicorn 0.54);
        # tests/package/management/test_serve_slow.py has workers that import for longer than five seconds.
        if self._has_responded or time.monotonic() > self._startup_ends:
            return super().is_alive(timeout)
        if not self._is_pinged:
            self.parent_conn.send(b"ping")
            self._is_pinged = True
        if self.parent_conn.poll():
            self.parent_conn.recv()
            self._has_responded = True
        return self.process.is_alive()

    def kill(self) -> None:
        """Log why it has ended, or kill it if it has not."""
        # Undocumented: Process.kill, which the supervisor calls for each worker that is not alive, to replace it
        # (uvicorn 0.54). tests/package/metrics/test_workers.py kills one, and test_serve_stuck.py has one that exits.
        self.process.join(EXIT_TIMEOUT)
        code = self.exitcode
        if code is None:
            logger.error("worker %s does not respond, and is killed", self.pid)
        elif code < 0:
            name = NAMES.get(-code, str(-code))
            logger.error("worker %s was killed by %s%s", self.pid, name, HINTS.get(name, ""))
        elif code:
            logger.error("worker %s exited with code %s; its last lines say why", self.pid, code)
        super().kill()


class Supervisor(Multiprocess):
    """Replaces workers that died.

    Args:
        config: of the server.
        sockets: which it listens on.
        startup: seconds that a worker has until it responds.
    """

    def __init__(self, config: Config, sockets: list[socket], startup: float) -> None:
        super().__init__(config, sockets)
        # Undocumented: the class that each method of Multiprocess makes workers of (uvicorn 0.54).
        multiprocess.Process = partial(Worker, startup)  # type: ignore[misc, assignment]
