"""The backend on django-tasks-db, which by itself neither retries tasks nor detects dead workers."""

from datetime import timedelta
from typing import Any

import django_tasks_db
from django.core import checks
from django.core.management import CommandError
from django.db import router
from django.tasks import Task, task_backends
from django.tasks.exceptions import InvalidTask
from django.utils import timezone
from django_tasks_db.backend import TaskResult

from upstreams.core.deletion import delete_in_batches
from upstreams.tasks.propagation import record_enqueue
from upstreams.tasks.retry import RetryingBackend, Worker, require_json


class DatabaseBackend(RetryingBackend, django_tasks_db.DatabaseBackend):
    """Keeps tasks in the database.

    Options:
        ENQUEUED_AS: the alias that the waiting tasks were enqueued under, if it was another one. Such a backend only
            works off what is left after a project has changed to another queue; it takes no new task.
    """

    app = "upstreams.tasks.database"

    def __init__(self, alias: str, params: dict[str, Any]) -> None:
        super().__init__(alias, params)
        self.enqueued_as: str = self.options.get("ENQUEUED_AS", alias)

    def enqueue(self, task: Task[..., Any], args: Any, kwargs: Any) -> TaskResult[Any, Any]:
        """Store a task.

        Raises:
            TypeError: its arguments are not JSON.
            InvalidTask: this backend takes no new task.
            OperationalError: the database cannot be used.
        """
        self._refuse_new_tasks()
        with require_json(task, args, kwargs), record_enqueue(task):
            return super().enqueue(task, args, kwargs)

    async def aenqueue(self, task: Task[..., Any], args: Any, kwargs: Any) -> TaskResult[Any, Any]:
        self._refuse_new_tasks()
        with require_json(task, args, kwargs), record_enqueue(task):
            return await super().aenqueue(task, args, kwargs)

    def make_worker(self, *, batch: bool, pool: str | None, concurrency: int | None) -> Worker:
        if pool or concurrency:
            raise CommandError("--pool, --concurrency: this worker runs one task at a time; start several")
        from upstreams.tasks.database import worker  # its models need loaded apps

        return worker.Worker(self, batch=batch)

    def stores_in(self) -> str | None:
        from django_tasks_db.models import DBTaskResult

        return router.db_for_write(DBTaskResult)

    def prune(self, older_than: timedelta) -> None:
        from django_tasks_db.models import DBTaskResult

        ended = DBTaskResult.objects.finished().filter(backend_name=self.enqueued_as)
        delete_in_batches(ended.filter(finished_at__lt=timezone.now() - older_than), "finished_at")

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        return [*django_tasks_db.DatabaseBackend.check(self, **kwargs), *super().check(**kwargs)]

    def _refuse_new_tasks(self) -> None:
        if self.enqueued_as != self.alias:
            raise InvalidTask(f'TASKS["{self.alias}"]: takes no new task, because of its option ENQUEUED_AS')


def find_backend(enqueued_as: str) -> DatabaseBackend | None:
    """Return the backend in `settings.TASKS` whose workers run the tasks enqueued under this alias, if there is one."""
    for backend in task_backends.all():
        if isinstance(backend, DatabaseBackend) and backend.enqueued_as == enqueued_as:
            return backend
    return None
