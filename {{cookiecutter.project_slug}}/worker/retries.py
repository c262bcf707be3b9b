"""What all backends have in common: how long a failed task waits, and what may be enqueued."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.tasks import Task
from django.tasks.backends.base import BaseTaskBackend


class Retrying(BaseTaskBackend):
    """A backend whose tasks are tried again.

    Options:
        ATTEMPTS: how often a task is tried before it has failed.
        BACKOFF: seconds before the second attempt, at most; doubled for each further one, up to `MAX_BACKOFF`.
        LEASE: seconds after which a worker that gives no sign of life counts as dead.
    """

    def __init__(self, alias: str, params: dict[str, Any]) -> None:
        super().__init__(alias, params)
        self.attempts: int = self.options.get("ATTEMPTS", 5)
        self.backoff: float = self.options.get("BACKOFF", 10)
        self.max_backoff: float = self.options.get("MAX_BACKOFF", 600)
        self.lease: float = self.options.get("LEASE", 30)

    def delay(self, failed: int, error: BaseException) -> float:
        """Seconds until the next attempt; an upstream's `Retry-After` is the least.

        Args:
            failed: how many attempts have.
            error: of the last one.
        """
        most = min(self.backoff * 2 ** (failed - 1), self.max_backoff)
        asked: float = getattr(error, "retry_after", None) or 0
        return asked + random.uniform(most / 2, most)  # noqa: S311 - no secret # nosec B311


@contextmanager
def json_only(task: "Task[..., Any]") -> Iterator[None]:
    """Around what makes JSON of a task's arguments.

    Raises:
        TypeError: they are none.
    """
    try:
        yield
    except (TypeError, ValueError) as error:
        what = f"task {task.module_path}: {error}: its arguments must be JSON, such as ids and text"
        raise TypeError(what) from None
