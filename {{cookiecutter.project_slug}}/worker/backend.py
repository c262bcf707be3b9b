"""Where tasks wait: the database, through django-tasks-db, which neither tries again nor notices a dead worker."""

from typing import Any

import django_tasks_db
from django.tasks import Task
from django_tasks_db.backend import TaskResult

from worker.origin import enqueuing
from worker.retries import Retrying, json_only


class DatabaseBackend(Retrying, django_tasks_db.DatabaseBackend):
    """Keeps tasks in the database."""

    def enqueue(self, task: Task[..., Any], args: Any, kwargs: Any) -> TaskResult[Any, Any]:
        """Store a task.

        Raises:
            TypeError: its arguments are no JSON.
            OperationalError: the database cannot be used.
        """
        with json_only(task), enqueuing(task):
            return super().enqueue(task, args, kwargs)

    async def aenqueue(self, task: Task[..., Any], args: Any, kwargs: Any) -> TaskResult[Any, Any]:
        with json_only(task), enqueuing(task):
            return await super().aenqueue(task, args, kwargs)
