"""Where the workers of one service add up their metrics: each writes files of its own, any can read them all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Read by prometheus_client when it is imported, so it has to be set before a worker starts."""


@contextmanager
def shared_directory() -> Iterator[None]:
    """A fresh directory for the workers started inside the block, unless the environment names one."""
    if VARIABLE in os.environ:
        yield
        return
    with TemporaryDirectory(prefix="metrics-", ignore_cleanup_errors=True) as directory:
        os.environ[VARIABLE] = directory
        try:
            yield
        finally:
            del os.environ[VARIABLE]


def registry() -> Collector:
    """The metrics of this process, or of all workers if there may be several. Reads files."""
    directory = os.environ.get(VARIABLE)
    if directory is None:
        return REGISTRY
    # What the dead have counted stays; what they held, such as requests in flight, does not.
    for pid in {int(file.stem.rpartition("_")[2]) for file in Path(directory).glob("gauge_live*.db")}:
        if not _is_alive(pid):
            with suppress(FileNotFoundError):  # another worker did it at the same moment
                mark_process_dead(pid, directory)
    collected = CollectorRegistry()
    MultiProcessCollector(collected, directory)
    return collected


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
