"""The one task that Celery knows: it runs one attempt of a task of `django.tasks`."""

import logging
import threading
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import Any

from celery import Task as CeleryTask
from celery.exceptions import Reject
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.tasks import (
    Task,
    TaskContext,
    TaskResult,
    TaskResultStatus,
    task_backends,
)
from django.utils import timezone
from django.utils.json import normalize_json
from django.utils.module_loading import import_string

from upstreams.tasks import failure
from upstreams.tasks.attempts import AttemptRecorder, Outcome, WorkerLost
from upstreams.tasks.celery import leases
from upstreams.tasks.celery.backend import CeleryBackend
from upstreams.tasks.celery.broker import EnqueueFailed
from upstreams.tasks.celery.connections import BROKER_ERRORS, is_blocked
from upstreams.tasks.celery.message import Message
from upstreams.tasks.celery.models import Failed
from upstreams.tasks.retry import require_storable

logger = logging.getLogger(__name__)

MIN_PAUSE, MAX_PAUSE = 5.0, 60.0
"""Seconds before a message is given back to the broker, doubled each time that it has come back.

It comes back at once, and RabbitMQ counts how often: `DELIVERY_LIMIT` of app.py.
"""
stopping = threading.Event()
"""Set when this worker ends: it gives messages back at once."""


# Not a @shared_task, which would add it to every Celery app of the process; worker.py adds it to ours.
def work(self: "CeleryTask[..., None]", message: dict[str, Any]) -> None:
    """Run one attempt. Celery calls this in a thread or a process of its pool."""
    backend = task_backends[self.app.main]
    assert isinstance(backend, CeleryBackend)  # noqa: S101 - whose app this is # nosec B101
    request = self.request
    try:
        claimed = ClaimedTask(Message(**message), backend, worker=str(request.hostname))
        claimed.run(redelivered=bool((request.delivery_info or {}).get("redelivered")))
    except BaseException as error:  # to Celery, a task that raises has ended
        if not isinstance(error, CannotContinue):
            logger.exception("task %s: the attempt is given back to the broker", request.id)
        deliveries = min(request.get("x-delivery-count") or 0, 10)
        stopping.wait(min(MIN_PAUSE * 2**deliveries, MAX_PAUSE))
        raise Reject(failure.describe(error), requeue=True) from None


class CannotContinue(Exception):
    """The broker must keep the message."""


class ClaimedTask:
    """A task that a worker has claimed. The broker keeps the message until the outcome is stored.

    Args:
        message: what came from the broker.
        backend: the task's.
        worker: name of this worker.
    """

    def __init__(self, message: Message, backend: CeleryBackend, *, worker: str) -> None:
        self._message = message
        self._backend = backend
        self._worker = worker
        self._recorder = AttemptRecorder(
            task_id=message.id,
            path=message.path,
            queue=message.queue,
            number=message.attempt,
            due=datetime.fromisoformat(message.due),
            carrier=message.carrier,
        )

    def run(self, *, redelivered: bool) -> None:
        """Run this attempt, or record that a worker was lost while running it.

        Args:
            redelivered: the broker had delivered the message to a worker before.

        Raises:
            CannotContinue: the broker must keep the message.
        """
        close_old_connections()
        try:
            if self._start(redelivered=redelivered):
                self._run()
            else:
                self._fail(WorkerLost("a worker ended or hung while it was running the task"), "worker_lost")
            with suppress(*BROKER_ERRORS):  # it expires
                leases.finish(self._backend.broker, self._message)
        finally:
            close_old_connections()

    def _start(self, *, redelivered: bool) -> bool:
        try:
            return leases.start(self._backend.broker, self._message, redelivered=redelivered)
        except BROKER_ERRORS as error:
            logger.error("task %s: not started, the broker cannot be used: %r", self._message.path, error)
            raise CannotContinue from error

    def _run(self) -> None:
        with self._recorder.running():
            try:
                self._call()
            except BaseException as error:  # noqa: BLE001 - sys.exit, too
                self._fail(error, "retried")
            else:
                self._recorder.finish("succeeded")

    def _call(self) -> None:
        task = import_string(self._message.path)
        if not isinstance(task, Task):
            raise TypeError(f"{self._message.path} is not a task")
        result = self._result(task)
        context = [TaskContext(task_result=result)] if task.takes_context else []
        require_storable(normalize_json(task.call(*context, *result.args, **result.kwargs)))

    def _result(self, task: "Task[..., Any]") -> "TaskResult[..., Any]":
        now = timezone.now()
        return TaskResult(
            task=task,
            id=self._message.id,
            status=TaskResultStatus.RUNNING,
            enqueued_at=datetime.fromisoformat(self._message.enqueued_at),
            started_at=now,
            finished_at=None,
            last_attempted_at=now,
            args=self._message.args,
            kwargs=self._message.kwargs,
            backend=self._backend.alias,
            errors=[],
            worker_ids=[*self._message.workers, self._worker],
        )

    def _fail(self, error: BaseException, unless_last: Outcome) -> None:
        if self._message.attempt >= self._backend.max_attempts and self._store_failure(error):
            self._recorder.finish("failed", error)
            return
        seconds = self._backend.delay(self._message.attempt, error)
        message = self._message.next_attempt(self._worker, seconds)
        try:
            self._backend.broker.send(message)
        except EnqueueFailed as refused:
            if not self._store_in_outbox(message, refused):
                logger.error("%s", refused)
                raise CannotContinue(str(refused)) from None
        self._recorder.finish(unless_last, error, seconds)

    def _store_in_outbox(self, message: Message, refused: EnqueueFailed) -> bool:
        # Not if the broker is away: it has taken back the message of this attempt, and delivers it once more.
        if not (self._backend.outbox and refused.__cause__ and is_blocked(refused.__cause__)):
            return False
        try:
            self._backend.store(message)
        except (DatabaseError, InterfaceError):
            return False
        return True

    def _store_failure(self, error: BaseException) -> bool:
        row = {
            "path": self._message.path,
            "backend": self._backend.alias,
            "message": asdict(self._message),
            "error": failure.describe(error),
            "traceback": failure.format_traceback(error),
        }
        try:
            Failed.objects.update_or_create(id=self._message.id, defaults=row)
        except (DatabaseError, InterfaceError) as db_error:
            logger.error("the database cannot be used, so the task is retried once more: %r", db_error)
            return False
        return True
