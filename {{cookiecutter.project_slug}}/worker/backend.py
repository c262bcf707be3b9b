"""Where tasks wait: the database, through django-tasks-db, which neither tries again nor notices a dead worker."""

import random
from typing import Any

import django_tasks_db
from django.tasks import Task
from django_tasks_db.backend import TaskResult

from worker.origin import enqueuing


class DatabaseBackend(django_tasks_db.DatabaseBackend):
    """Keeps tasks in the database.

    Options:
        ATTEMPTS: how often a task is tried before it has failed.
        BACKOFF: seconds before the second attempt, at most; doubled for each further one, up to `MAX_BACKOFF`.
        LEASE: seconds after which a worker that has not renewed its claim counts as dead.
    """

    def __init__(self, alias: str, params: dict[str, Any]) -> None:
        super().__init__(alias, params)
        self.attempts: int = self.options.get("ATTEMPTS", 5)
        self.backoff: float = self.options.get("BACKOFF", 10)
        self.max_backoff: float = self.options.get("MAX_BACKOFF", 600)
        self.lease: float = self.options.get("LEASE", 30)

    def enqueue(self, task: Task[..., Any], args: Any, kwargs: Any) -> TaskResult[Any, Any]:
        """Store a task.

        Raises:
            TypeError: its arguments are no JSON.
            OperationalError: the database cannot be used.
        """
        try:
            with enqueuing(task):
                return super().enqueue(task, args, kwargs)
        except (TypeError, ValueError) as error:
            raise _no_json(task, error) from None

    async def aenqueue(self, task: Task[..., Any], args: Any, kwargs: Any) -> TaskResult[Any, Any]:
        try:
            with enqueuing(task):
                return await super().aenqueue(task, args, kwargs)
        except (TypeError, ValueError) as error:
            raise _no_json(task, error) from None

    def delay(self, failed: int, error: BaseException) -> float:
        """Seconds until the next attempt; an upstream's `Retry-After` is the least.

        Args:
            failed: how many attempts have.
            error: of the last one.
        """
        most = min(self.backoff * 2 ** (failed - 1), self.max_backoff)
        asked: float = getattr(error, "retry_after", None) or 0
        return asked + random.uniform(most / 2, most)  # noqa: S311 - no secret


def _no_json(task: Task[..., Any], error: Exception) -> TypeError:
    return TypeError(f"task {task.module_path}: {error}: its arguments must be JSON, such as ids and text")
