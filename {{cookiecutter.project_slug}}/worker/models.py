"""What the database knows of a task beyond django-tasks-db: which attempt is alive."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property, partial
from traceback import format_exception
from typing import Any, ClassVar

from django.db import models, transaction
from django.db.models.functions import Now
from django.tasks import TaskResultStatus, task_backends
from django.utils import timezone
from django.utils.json import normalize_json
from django_tasks_db.models import DBTaskResult, get_date_max

from worker.attempts import Outcome, Seen, WorkerLost
from worker.backend import DatabaseBackend

logger = logging.getLogger(__name__)

ORIGIN = "origin"
"""The key of `args_kwargs` that holds what `origin.carried` said."""
AGAIN = ["status", "run_after", "exception_class_path", "traceback"]


class Lease(models.Model):
    """A worker's claim to a running task; over, unless renewed. In the database's time: clocks differ."""

    task = models.OneToOneField(DBTaskResult, models.CASCADE, primary_key=True, related_name="lease")
    attempt = models.PositiveIntegerField()
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"attempt {self.attempt} of {self.task_id}, until {self.until}"


class Attempt(DBTaskResult[Any, Any]):
    """A task in the hands of a worker: what it comes to is written only by the one that holds the lease."""

    objects: ClassVar[models.Manager["Attempt"]] = models.Manager()  # type: ignore[assignment]

    class Meta:
        proxy = True

    @property
    def number(self) -> int:
        """1 for the first one."""
        return len(self.worker_ids)

    @property
    def backend(self) -> DatabaseBackend:
        """The task's."""
        backend = task_backends[self.backend_name]
        assert isinstance(backend, DatabaseBackend)  # noqa: S101 - no other one writes rows # nosec B101
        return backend

    @cached_property
    def seen(self) -> Seen:
        """What tells of it."""
        waits = self.run_after != get_date_max()
        return Seen(
            task_id=str(self.pk),
            path=self.task_path,
            queue=self.queue_name,
            number=self.number,
            due=max(self.enqueued_at, self.run_after) if waits else self.enqueued_at,
            carried=self.args_kwargs.get(ORIGIN, {}),
        )

    def renew(self) -> None:
        """Keep the lease, unless somebody else has it by now."""
        until = Now() + timedelta(seconds=self.backend.lease)
        Lease.objects.filter(task=self, attempt=self.number).update(until=until)

    def set_successful(self, return_value: Any) -> None:
        """The task has ended well, if what it returned is JSON."""
        normal = normalize_json(return_value)
        with self._given_up() as was_ours:
            if was_ours:
                super().set_successful(normal)
                transaction.on_commit(partial(self.seen.ended, "succeeded"))

    def set_failed(self, exc: BaseException) -> None:
        """This attempt has failed: the task waits for the next one, if there is one."""
        with self._given_up() as was_ours:
            if was_ours:
                self._fail(exc, "again")

    def take_from_the_dead(self) -> None:
        """Called when the lease may be over."""
        with self._given_up(until__lt=Now()) as was_ours:
            if was_ours:
                what = f"worker {self.worker_ids[-1]} ended, or hung, with the task in hand"
                self._fail(WorkerLost(what), "lost")

    def _fail(self, error: BaseException, unless_last: Outcome) -> None:
        if self.number >= self.backend.attempts:
            super().set_failed(error)
            transaction.on_commit(partial(self.seen.ended, "failed", error))
            return
        seconds = self.backend.delay(self.number, error)
        self.status = TaskResultStatus.READY
        self.run_after = timezone.now() + timedelta(seconds=seconds)
        self.exception_class_path = f"{type(error).__module__}.{type(error).__qualname__}"
        self.traceback = "".join(format_exception(error))
        self.save(update_fields=AGAIN)
        transaction.on_commit(partial(self.seen.ended, unless_last, error, seconds))

    @contextmanager
    def _given_up(self, **also: Any) -> Iterator[bool]:
        with transaction.atomic():
            given_up, _ = Lease.objects.filter(task=self, attempt=self.number, **also).delete()
            if not given_up and not also:
                what = "task %s %s: took longer than LEASE without a sign of life; another attempt counts"
                logger.error(what, self.task_path, self.pk)
            yield bool(given_up)
