"""How many connections `serve` holds: so many that a request in flight never lacks a descriptor for its work."""

import logging
import os
import sys
import time
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from upstreams import conf
from upstreams.asgi import metrics

logger = logging.getLogger(__name__)

PER_REQUEST = 4
"""Descriptors of a request besides its connection: a call, a database, files."""
HIGHEST_LIMIT = 65_536
"""To which the limit is raised: some programs that a service starts close all descriptors below it, one by one."""
INTERVAL = 60.0
"""Seconds between two lines in the log."""


def raise_limit() -> None:
    """Raise the soft limit of open files to the hard one, which many systems set to 1024 for `select` alone."""
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = HIGHEST_LIMIT if hard == resource.RLIM_INFINITY else min(hard, HIGHEST_LIMIT)
        if soft < wanted:
            with suppress(ValueError, OSError):  # macOS has another limit below the hard one
                resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class ConnectionLimit:
    """Compares the connections of this process with what the limit of open files leaves for them."""

    def __init__(self) -> None:
        self._last_line = -INTERVAL

    def is_exceeded(self, connections: int) -> bool:
        """Return whether the last of so many is to be closed; count it, and say so once a minute."""
        if connections <= self.highest:
            return False
        metrics.rejected("connections")
        if (now := time.monotonic()) - self._last_line >= INTERVAL:
            self._last_line = now
            logger.warning(
                "connections are refused: %d are open, and the limit of open files, %d, leaves no more to the "
                "work of their requests; raise it, by `ulimit -n` or LimitNOFILE",
                self.highest,
                _limit(),
            )
        return True

    @cached_property
    def highest(self) -> int:
        """Connections; found out with the first one, when the clients and the listening socket are open."""
        left = _limit() - _open_now()
        for_all = left - PER_REQUEST * conf.current().limits.max_requests
        return max(for_all, left // (PER_REQUEST + 1), 1)


connection_limit = ConnectionLimit()
"""Of this process."""


def _limit() -> int:
    if sys.platform == "win32":
        return sys.maxsize
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft


def _open_now() -> int:
    folder = Path("/dev/fd")
    return len(os.listdir(folder)) if folder.exists() else 0  # noqa: PTH208 - they vanish while they are listed
