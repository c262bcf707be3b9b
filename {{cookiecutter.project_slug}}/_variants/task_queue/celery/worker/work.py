"""The one task that Celery knows: it makes one attempt of a task of `django.tasks`."""

import logging
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from traceback import format_exception
from typing import Any

from celery import Task as CeleryTask
from celery import shared_task
from celery.exceptions import Reject
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.tasks import Task, TaskContext, TaskResult, TaskResultStatus, task_backends
from django.utils import timezone
from django.utils.json import normalize_json
from django.utils.module_loading import import_string

from worker import leases
from worker.app import WORK
from worker.attempts import Outcome, Seen, WorkerLost
from worker.backend import CeleryBackend
from worker.broker import UNUSABLE, EnqueueFailed
from worker.message import Message
from worker.models import Failed

logger = logging.getLogger(__name__)


@shared_task(name=WORK, bind=True)
def work(self: "CeleryTask[..., None]", message: dict[str, Any]) -> None:
    """Called by Celery, in a thread or a process of its pool."""
    backend = task_backends[self.app.main]
    assert isinstance(backend, CeleryBackend)  # noqa: S101 - whose app this is # nosec B101
    request = self.request
    attempt = Attempt(Message(**message), backend, worker=str(request.hostname))
    attempt.make(redelivered=bool((request.delivery_info or {}).get("redelivered")))


class Attempt:
    """One attempt of a task. Whatever it comes to, the broker gives the message up only after that is known.

    Args:
        message: what came from the broker.
        backend: the task's.
        worker: the name of this one.
    """

    def __init__(self, message: Message, backend: CeleryBackend, *, worker: str) -> None:
        self._message = message
        self._backend = backend
        self._worker = worker
        self._seen = Seen(
            task_id=message.id,
            path=message.path,
            queue=message.queue,
            number=message.attempt,
            due=datetime.fromisoformat(message.due),
            carried=message.carried,
        )

    def make(self, *, redelivered: bool) -> None:
        """Run the task, unless a worker died of just that.

        Args:
            redelivered: the message was in the hands of a worker before.
        """
        close_old_connections()
        try:
            if self._has_begun(redelivered=redelivered):
                self._fail(WorkerLost("a worker ended, or hung, with the task in hand"), "lost")
            else:
                self._run()
            with suppress(*UNUSABLE):  # it is forgotten in a week
                leases.end(self._backend.broker, self._message)
        finally:
            close_old_connections()

    def _has_begun(self, *, redelivered: bool) -> bool:
        try:
            return leases.has_begun(self._backend.broker, self._message, redelivered=redelivered)
        except UNUSABLE as error:
            # Not given up: the broker hands it out again, when it can.
            raise Reject(error, requeue=True) from error

    def _run(self) -> None:
        with self._seen.running():
            try:
                self._call()
            except BaseException as error:  # noqa: BLE001 - sys.exit, too
                self._fail(error, "again")
            else:
                self._seen.ended("succeeded")

    def _call(self) -> None:
        task = import_string(self._message.path)
        if not isinstance(task, Task):
            raise TypeError(f"{self._message.path} is no task")
        result = self._result(task)
        context = [TaskContext(task_result=result)] if task.takes_context else []
        normalize_json(task.call(*context, *result.args, **result.kwargs))

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
        if self._message.attempt >= self._backend.attempts and self._is_kept(error):
            self._seen.ended("failed", error)
            return
        seconds = self._backend.delay(self._message.attempt, error)
        try:
            self._backend.broker.send(self._message.again(self._worker, seconds))
        except EnqueueFailed as refused:
            logger.error("%s", refused)
            raise Reject(refused, requeue=True) from error
        self._seen.ended(unless_last, error, seconds)

    def _is_kept(self, error: BaseException) -> bool:
        what = {
            "path": self._message.path,
            "backend": self._backend.alias,
            "message": asdict(self._message),
            "error": repr(error),
            "traceback": "".join(format_exception(error)),
        }
        try:
            Failed.objects.update_or_create(id=self._message.id, defaults=what)
        except (DatabaseError, InterfaceError) as refused:
            logger.error("the database cannot be used, so the task does not fail yet: %r", refused)
            return False
        return True
