"""A worker process: one task after the other, until it is told to stop."""

import logging
import os
import socket
import threading
import time
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands import db_worker

from server.flushing import flush
from worker.attempts import WorkerLost
from worker.keeper import Keeper
from worker.models import Attempt

logger = logging.getLogger(__name__)

INTERVAL = 1.0
"""Seconds between two looks for a task, when there is none."""


class Worker(db_worker.Worker):
    """That of django-tasks-db, with leases and a grace.

    Args:
        batch: end when no task is left.
    """

    def __init__(self, *, batch: bool) -> None:
        super().__init__(
            queue_names=["*"],
            excluded_queue_names=[],
            interval=INTERVAL,
            batch=batch,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=f"{socket.gethostname()[:40]}-{os.getpid()}-{get_random_string(8)}",
        )
        self._told, self._told_again = threading.Event(), threading.Event()
        self._keeper = Keeper(Attempt(backend_name="default").backend.lease)

    def run(self) -> None:
        """Work until SIGTERM; a database that is away is waited for."""
        logger.info("worker %s: looking for tasks", self.worker_id)
        self._keeper.start()
        threading.Thread(target=self._grace, name="grace", daemon=True).start()
        while self.running:
            try:
                super().run()
                break
            except (DatabaseError, InterfaceError) as error:
                logger.error("the database cannot be used, trying again: %r", error)
                time.sleep(self.interval)
        self._keeper.stop.set()
        self._keeper.join()

    def is_ready(self) -> bool:
        """Whether it takes tasks: it was not told to stop, and the database answers."""
        return self.running and self._keeper.reaches_database

    def run_task(self, db_task_result: Any) -> None:
        """Run one attempt."""
        attempt = Attempt.objects.get(pk=db_task_result.pk)
        self._keeper.in_hand = attempt
        try:
            with attempt.seen.running():
                super().run_task(attempt)
        finally:
            self._keeper.in_hand = None

    def shutdown(self, signum: int, frame: object) -> None:
        """Take no new task; the one in hand has `SERVER_GRACE` seconds, or none after a second signal."""
        # Not the library's way, sys.exit: it may strike between the claim of a task and its start. Nor a log
        # line: where the signal comes in the middle of another one, that raises, and the signal is lost.
        (self._told if self.running else self._told_again).set()
        self.running = False

    def _grace(self) -> None:
        self._told.wait()
        logger.info("told to stop: taking no new task")
        self._told_again.wait(settings.TIMEOUTS["SERVER_GRACE"])
        attempt = self._keeper.in_hand
        if attempt is None:
            return
        with suppress(DatabaseError, InterfaceError):
            Attempt.objects.get(pk=attempt.pk).set_failed(WorkerLost("the worker had to stop"))
        flush()
        logging.shutdown()
        os._exit(1)
