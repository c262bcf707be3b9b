"""The message that carries one attempt of a task to a worker."""

from dataclasses import (
    asdict,
    dataclass,
    field,
    replace,
)
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone


@dataclass(frozen=True, kw_only=True)
class Message:
    """All that a worker needs to know of one attempt, as JSON.

    Args:
        id: of the task, the same for each attempt.
        path: dotted path of the task's function.
        args: of the call.
        kwargs: of the call.
        queue: its name, without the prefix.
        priority: -100 to 100.
        enqueued_at: when the task was enqueued, in ISO 8601.
        due: when the attempt may start, in ISO 8601.
        carrier: what `propagation.inject` returned.
        workers: names of the workers of the attempts before.
    """

    id: str
    path: str
    args: list[Any]
    kwargs: dict[str, Any]
    queue: str
    priority: int
    enqueued_at: str
    due: str
    carrier: dict[str, str]
    workers: list[str] = field(default_factory=list)

    @property
    def attempt(self) -> int:
        """The number of this attempt, from 1."""
        return len(self.workers) + 1

    @property
    def seconds(self) -> float:
        """Seconds until it is due."""
        return max(0.0, (datetime.fromisoformat(self.due) - timezone.now()).total_seconds())

    def next_attempt(self, worker: str, seconds: float) -> "Message":
        """Return the message of the next attempt.

        Args:
            worker: name of the worker of this attempt.
            seconds: until the next one may start.
        """
        due = timezone.now() + timedelta(seconds=seconds)
        return replace(self, workers=[*self.workers, worker], due=due.isoformat())

    def json(self) -> dict[str, Any]:
        """Return the arguments to make it again from."""
        return asdict(self)
