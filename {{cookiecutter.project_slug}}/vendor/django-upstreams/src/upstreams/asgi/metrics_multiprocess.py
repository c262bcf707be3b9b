"""Metrics of several worker processes: each writes files of its own, and any of them can read all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""prometheus_client reads it at import, so that it must be set before a worker starts."""

SHARED_MEMORY = "/dev/shm"  # noqa: S108 # nosec B108
"""Where the files lie, if it exists: they are sparse maps, and in a full folder a write to one kills the worker.

Uploads fill the folder of temporary files, and nobody but this process writes here.
"""


@contextmanager
def share_metrics() -> Iterator[None]:
    """Create a directory for the workers started inside the block, unless the environment names one."""
    if VARIABLE in os.environ:
        yield
        return
    parent = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK | os.X_OK) else None
    with TemporaryDirectory(prefix="metrics-", dir=parent, ignore_cleanup_errors=True) as directory:
        os.environ[VARIABLE] = directory
        try:
            yield
        finally:
            del os.environ[VARIABLE]


class WithoutCreated(Collector):
    """The metrics of this process without their `_created` series, which several workers cannot export."""

    def collect(self) -> Iterator[Metric]:
        for metric in REGISTRY.collect():
            metric.samples = [one for one in metric.samples if not one.name.endswith("_created")]
            yield metric


def registry() -> Collector:
    """Return the metrics of this process, or those of all workers, read from files, where several may run."""
    directory = os.environ.get(VARIABLE)
    if directory is None:
        return WithoutCreated()
    # Counters of dead workers stay; their gauges, such as requests in flight, do not.
    for pid in {int(file.stem.rpartition("_")[2]) for file in Path(directory).glob("gauge_live*.db")}:
        if not _is_alive(pid):
            with suppress(FileNotFoundError):  # another worker removed it at the same moment
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
