"""A worker process that runs one task at a time, until SIGTERM."""

import logging
import os
import socket
import threading
import time
from contextlib import suppress
from typing import Any

from django.db import DatabaseError, InterfaceError, close_old_connections
from django.tasks import TaskResultStatus
from django.tasks.exceptions import InvalidTask
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands import db_worker

from upstreams import conf
from upstreams.tasks.attempts import WorkerLost
from upstreams.tasks.database.backend import DatabaseBackend
from upstreams.tasks.database.claim import claim_next
from upstreams.tasks.database.heartbeat import Heartbeat
from upstreams.tasks.database.models import ClaimedTask
from upstreams.tasks.garbage import GarbageCollector
from upstreams.telemetry.exit_hooks import flush

logger = logging.getLogger(__name__)

POLL_INTERVAL = 1.0
"""Seconds between two queries for a task, when there is none."""


# Private: the Worker of the command `db_worker` (django-tasks-db 0.13), which documents only the command. Its `run_task`
# runs a task, and its `configure_signals` calls `shutdown`; tasks/test_worker.py runs all of it.
class Worker(db_worker.Worker):
    """The worker of django-tasks-db, with leases and a graceful shutdown.

    Args:
        backend: whose tasks it runs.
        batch: exit when no task is due.
    """

    def __init__(self, backend: DatabaseBackend, *, batch: bool) -> None:
        super().__init__(
            queue_names=["*"],
            excluded_queue_names=[],
            interval=POLL_INTERVAL,
            batch=batch,
            backend_name=backend.enqueued_as,
            startup_delay=False,
            max_tasks=None,
            worker_id=f"{socket.gethostname()[:40]}-{os.getpid()}-{get_random_string(8)}",
        )
        self._stop_requested, self._stop_repeated = threading.Event(), threading.Event()
        self._heartbeat = Heartbeat(backend)
        self._garbage_collector = GarbageCollector()

    def prepare(self) -> None:
        """Handle SIGTERM and SIGINT."""
        self.configure_signals()

    def run(self) -> None:
        """Run tasks until SIGTERM. While the database cannot be used, wait for it."""
        logger.info("worker %s: looking for tasks", self.worker_id)
        self._heartbeat.start()
        threading.Thread(target=self._bound_shutdown, name="shutdown timeout", daemon=True).start()
        while self.running:
            try:
                if self._run_next():
                    continue
                if self.batch:
                    self._log_what_is_left()
                    break
            except (DatabaseError, InterfaceError) as error:
                if "is locked" not in str(error):  # by another worker, on SQLite
                    logger.error("the database cannot be used, trying again: %r", error)
            except Exception:
                # Of a receiver of `task_finished`, for example. If its outcome is not stored, the task's lease expires.
                logger.exception("worker %s: failed outside of a task, going on", self.worker_id)
            time.sleep(self.interval)
        self._heartbeat.stop.set()
        self._heartbeat.join()

    def _run_next(self) -> bool:
        # As Django does around a request: a connection that is broken or too old is closed.
        close_old_connections()
        claimed = claim_next(self.backend_name, self.worker_id)
        if claimed is not None:
            self.run_task(claimed)
            self._garbage_collector.after_task()
        close_old_connections()
        return claimed is not None

    def is_ready(self) -> bool:
        """Return whether it takes tasks: it was not asked to stop, and the database answers."""
        return self.running and self._heartbeat.reaches_database

    def run_task(self, db_task_result: Any) -> None:
        """Run one attempt."""
        claimed = ClaimedTask.objects.get(pk=db_task_result.pk)
        self._heartbeat.current = claimed
        try:
            # A task whose queue is not in QUEUES any more: the failure is stored, then the library looks it up again.
            with claimed.recorder.running(), suppress(InvalidTask):
                super().run_task(claimed)
        finally:
            self._heartbeat.current = None

    def shutdown(self, signum: int, frame: object) -> None:
        """Take no new task. The current one has `GRACEFUL_SHUTDOWN` seconds, or none after a second signal."""
        # The library calls sys.exit here, which could strike between the claim of a task and its start. And a log
        # line that interrupts another one raises an error, and the signal is lost.
        (self._stop_requested if self.running else self._stop_repeated).set()
        self.running = False

    def _bound_shutdown(self) -> None:
        self._stop_requested.wait()
        seconds = conf.current().timeouts.graceful_shutdown
        logger.info("shutdown: the current task has %.3g s to finish", seconds)
        self._stop_repeated.wait(seconds)
        claimed = self._heartbeat.current
        if claimed is None:
            return
        with suppress(DatabaseError, InterfaceError):
            ClaimedTask.objects.get(pk=claimed.pk).set_failed(WorkerLost("the worker had to stop"))
        flush()
        logging.shutdown()
        os._exit(1)

    def _log_what_is_left(self) -> None:
        left = ClaimedTask.objects.filter(
            backend_name=self.backend_name, status__in=[TaskResultStatus.READY, TaskResultStatus.RUNNING]
        ).count()
        logger.info(
            "worker %s: no task is due; %d wait for a later time or run elsewhere", self.worker_id, left
        )
