"""The base of the backends: which errors at enqueueing, how long a failed task waits, and its worker."""

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, ClassVar, Protocol

from django.apps import apps
from django.core import checks
from django.tasks import Task
from django.tasks.backends.base import BaseTaskBackend

from upstreams import conf
from upstreams.core import retry_after


class Worker(Protocol):
    """What `manage.py worker` runs."""

    def is_ready(self) -> bool:
        """Return whether the worker takes tasks."""

    def prepare(self) -> None:
        """Install signal handlers. Called in the main thread, but not under a reloader, which has its own."""

    def run(self) -> int | None:
        """Run tasks until SIGTERM, and return the exit code of the process."""


class RetryingBackend(BaseTaskBackend):
    """A backend that retries tasks.

    Options:
        MAX_ATTEMPTS: attempts, the first one included, after which a task has failed.
        BACKOFF: seconds before the second attempt, at most; doubled for each further one, up to `MAX_BACKOFF`.
        MAX_BACKOFF: seconds between two attempts, at most.
        LEASE: seconds without a sign of life, after which a worker counts as dead.
    """

    app: ClassVar[str]
    """The app that this backend needs in INSTALLED_APPS."""

    def __init__(self, alias: str, params: dict[str, Any]) -> None:
        super().__init__(alias, params)
        self.max_attempts: int = self.options.get("MAX_ATTEMPTS", 5)
        self.backoff: float = self.options.get("BACKOFF", 10)
        self.max_backoff: float = self.options.get("MAX_BACKOFF", 600)
        self.lease: float = self.options.get("LEASE", 30)

    def make_worker(self, *, batch: bool, pool: str | None, concurrency: int | None) -> Worker:
        """Return a worker for the tasks of this backend.

        Args:
            batch: exit when no task is due.
            pool: what runs the tasks, `threads` or `prefork`.
            concurrency: tasks at once.

        Raises:
            CommandError: the worker does not support one of the arguments.
        """
        raise NotImplementedError

    def stores_in(self) -> str | None:
        """Return the alias of the database in whose transactions tasks are enqueued, or None for a broker."""
        raise NotImplementedError

    def prune(self, older_than: timedelta) -> None:
        """Delete what the backend keeps of tasks that ended longer ago than this."""
        raise NotImplementedError

    def check(self, **_: Any) -> list[checks.CheckMessage]:
        """Check that the apps that this backend needs are installed."""
        needed = [self.app, *(["upstreams.tasks.schedule"] if conf.parse()[0].schedule else [])]
        return [
            checks.Error(f'TASKS["{self.alias}"]: add "{app}" to INSTALLED_APPS', id="upstreams.E033")
            for app in needed
            if not apps.is_installed(app)
        ]

    def delay(self, failed: int, error: BaseException) -> float:
        """Return the seconds until the next attempt: backoff with jitter, added to the error's `retry_after`, at most a day.

        Args:
            failed: attempts that have failed so far.
            error: of the last one.
        """
        longest = min(self.backoff * 2 ** (failed - 1), self.max_backoff)
        try:
            asked = retry_after.bounded(getattr(error, "retry_after", None)) or 0
        except Exception:  # noqa: BLE001 - a property that raises
            asked = 0
        return asked + random.uniform(longest / 2, longest)  # noqa: S311 - no secret # nosec B311


@contextmanager
def require_json(task: "Task[..., Any]", *arguments: Any) -> Iterator[None]:
    """Name the task in the error if its arguments are not JSON, or if the block cannot convert them.

    Raises:
        TypeError: the arguments are not JSON.
    """
    try:
        require_storable(arguments)
        yield
    except (TypeError, ValueError, RecursionError) as error:
        message = f"task {task.module_path}: {error}: its arguments must be JSON, such as ids and text"
        raise TypeError(message) from None


def require_storable(value: Any) -> None:
    """Refuse what Python writes as JSON, and no other program or PostgreSQL reads.

    Raises:
        ValueError: the value is or holds such a number or text.
    """
    if isinstance(value, bytes):
        value = value.decode()  # as Django does
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"Unsupported value: {value}")
    if isinstance(value, int):
        str(value)  # raises the error: Python itself reads no number of so many digits
    if isinstance(value, str):
        if "\0" in value or (not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value)):
            raise ValueError("Unsupported value: text with NUL or a lone surrogate")
    elif isinstance(value, Mapping):
        require_storable([*value.keys(), *value.values()])
    elif isinstance(value, Sequence):
        for one in value:
            require_storable(one)
