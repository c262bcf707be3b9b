"""What the database stores about a task beyond django-tasks-db: which attempt holds the lease."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property, partial
from typing import Any, ClassVar

from django.db import models, transaction
from django.db.models.functions import Now
from django.tasks import Task, TaskResultStatus
from django.utils import timezone
from django.utils.json import normalize_json
from django_tasks_db.models import DBTaskResult, get_date_max

from upstreams.tasks import failure
from upstreams.tasks.attempts import AttemptRecorder, Outcome, WorkerLost
from upstreams.tasks.database.backend import DatabaseBackend, find_backend
from upstreams.tasks.retry import require_storable

logger = logging.getLogger(__name__)

CARRIER = "carrier"
"""The key of `args_kwargs` that holds what `propagation.inject` returned."""
FAILURE_FIELDS = ["status", "run_after", "finished_at", "exception_class_path", "traceback"]


class Lease(models.Model):
    """A worker's claim to a task. It expires unless the worker renews it. Times are the database's: clocks differ."""

    task = models.OneToOneField(DBTaskResult, models.CASCADE, primary_key=True, related_name="lease")
    attempt = models.PositiveIntegerField()
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"attempt {self.attempt} of {self.task_id}, until {self.until}"


class ClaimedTask(DBTaskResult[Any, Any]):
    """A task that a worker has claimed. Only the worker that holds the lease writes the outcome."""

    objects: ClassVar[models.Manager["ClaimedTask"]] = models.Manager()  # type: ignore[assignment]

    class Meta:
        proxy = True

    @property
    def number(self) -> int:
        """The number of this attempt, from 1."""
        return len(self.worker_ids)

    @property
    def backend(self) -> DatabaseBackend:
        """The backend whose workers run this task."""
        backend = find_backend(self.backend_name)
        assert backend is not None  # noqa: S101 - a worker only claims tasks of its backend # nosec B101
        return backend

    @property
    def task(self) -> Task[Any, Any]:
        """The task, bound to the backend that runs it: another queue may have its alias by now."""
        # Private: DBTaskResult.task (django-tasks-db 0.13), overridden. tasks/test_switching.py runs such a task.
        row: DBTaskResult[Any, Any] = DBTaskResult(
            task_path=self.task_path,
            priority=self.priority,
            queue_name=self.queue_name,
            run_after=self.run_after,
            backend_name=self.backend.alias,
        )
        return row.task

    @cached_property
    def recorder(self) -> AttemptRecorder:
        """Logs, metrics and traces of this attempt."""
        # Private: get_date_max (django-tasks-db 0.13), stored where the task has no run_after.
        # telemetry/test_task_attempts.py looks at `due` with and without one.
        has_run_after = self.run_after != get_date_max()
        return AttemptRecorder(
            task_id=str(self.pk),
            path=self.task_path,
            queue=self.queue_name,
            number=self.number,
            due=max(self.enqueued_at, self.run_after) if has_run_after else self.enqueued_at,
            carrier=self.args_kwargs.get(CARRIER, {}),
        )

    def renew(self) -> None:
        """Extend the lease, unless another attempt has it."""
        until = Now() + timedelta(seconds=self.backend.lease)
        Lease.objects.filter(task=self, attempt=self.number).update(until=until)

    def set_successful(self, return_value: Any) -> None:
        """Store the result.

        Raises:
            TypeError: the result is not JSON.
            ValueError: it holds what PostgreSQL cannot store.
        """
        result = normalize_json(return_value)
        require_storable(result)
        with self._release_lease() as was_ours:
            if was_ours:
                super().set_successful(result)
                transaction.on_commit(partial(self.recorder.finish, "succeeded"))

    def set_failed(self, exc: BaseException) -> None:
        """Record that this attempt failed, and schedule the next one unless it was the last."""
        with self._release_lease() as was_ours:
            if was_ours:
                self._fail(exc, "retried")

    def recover(self) -> None:
        """Record that the worker was lost, if the lease has expired."""
        with self._release_lease(until__lt=Now()) as was_expired:
            if was_expired:
                message = f"worker {self.worker_ids[-1]} ended or hung while it was running the task"
                self._fail(WorkerLost(message), "worker_lost")

    def _fail(self, error: BaseException, unless_last: Outcome) -> None:
        self.exception_class_path = failure.class_path(error)
        self.traceback = failure.format_traceback(error)
        if self.number >= self.backend.max_attempts:
            self.status = TaskResultStatus.FAILED
            self.finished_at = timezone.now()
            finish = partial(self.recorder.finish, "failed", error)
        else:
            seconds = self.backend.delay(self.number, error)
            self.status = TaskResultStatus.READY
            self.run_after = timezone.now() + timedelta(seconds=seconds)
            finish = partial(self.recorder.finish, unless_last, error, seconds)
        self.save(update_fields=FAILURE_FIELDS)
        transaction.on_commit(finish)

    @contextmanager
    def _release_lease(self, **conditions: Any) -> Iterator[bool]:
        with transaction.atomic():
            released, _ = Lease.objects.filter(task=self, attempt=self.number, **conditions).delete()
            if not released and not conditions:
                message = "task %s %s: ran longer than LEASE without a sign of life; another attempt counts"
                logger.error(message, self.task_path, self.pk)
            yield bool(released)
