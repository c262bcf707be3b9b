"""A task on its way to a worker."""

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone


@dataclass(frozen=True, kw_only=True)
class Message:
    """All that a worker has to know of one attempt, as JSON.

    Args:
        id: the task's, the same at each attempt.
        path: of the task's function.
        args: of the call.
        kwargs: of the call.
        queue: it waits in.
        priority: -100 to 100.
        enqueued_at: when, in ISO 8601.
        due: when the attempt may begin.
        carried: what `origin.carried` said.
        workers: that have tried before.
    """

    id: str
    path: str
    args: list[Any]
    kwargs: dict[str, Any]
    queue: str
    priority: int
    enqueued_at: str
    due: str
    carried: dict[str, str]
    workers: list[str] = field(default_factory=list)

    @property
    def attempt(self) -> int:
        """1 for the first one."""
        return len(self.workers) + 1

    @property
    def seconds(self) -> float:
        """Until it is due."""
        return max(0.0, (datetime.fromisoformat(self.due) - timezone.now()).total_seconds())

    def again(self, worker: str, seconds: float) -> "Message":
        """The next attempt.

        Args:
            worker: that made this one.
            seconds: until it may begin.
        """
        due = timezone.now() + timedelta(seconds=seconds)
        return replace(self, workers=[*self.workers, worker], due=due.isoformat())

    def json(self) -> dict[str, Any]:
        """The arguments to make it anew from."""
        return asdict(self)
