"""Metrics of several worker processes: each writes files of its own, and any of them can read all."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile, gettempdir

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

logger = logging.getLogger(__name__)

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""prometheus_client reads it at import, so that it must be set before a worker starts."""

SHARED_MEMORY = "/dev/shm"  # noqa: S108 # nosec B108
"""Where the files lie if it has space: uploads fill the folder of temporary files, and nobody else writes here."""
SIZE_OF_A_WORKER = 2 * 1024 * 1024
"""Bytes of the files of a worker. They are sparse maps: in a full folder, a write to one kills the worker."""


@contextmanager
def share_metrics(workers: int) -> Iterator[None]:
    """Create a directory for the workers started inside the block, unless the environment names one.

    Args:
        workers: how many.

    Raises:
        OSError: no folder has space for their files.
    """
    if VARIABLE in os.environ:
        yield
        return
    parent = _folder_with_space(workers * SIZE_OF_A_WORKER)
    with TemporaryDirectory(prefix="metrics-", dir=parent, ignore_cleanup_errors=True) as directory:
        os.environ[VARIABLE] = directory
        try:
            yield
        finally:
            del os.environ[VARIABLE]


def _folder_with_space(size: int) -> str:
    try:
        return _check_space(SHARED_MEMORY, size)
    except OSError as error:
        found = _check_space(gettempdir(), size)
        if Path(SHARED_MEMORY).is_dir():
            logger.warning(
                "the metrics are in %s, because %s cannot hold %d MB: %s; if it fills up, workers are killed",
                found,
                SHARED_MEMORY,
                size // 1024**2,
                error.strerror,
            )
        return found


def _check_space(folder: str, size: int) -> str:
    with TemporaryFile(dir=folder) as file:
        file.write(bytes(size))
    return folder


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
