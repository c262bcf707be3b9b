"""What a call inherits from the request or the task it is made for, and what it tells that one."""

from contextvars import ContextVar
from dataclasses import dataclass

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the current request, or of the one that enqueued the current task; sent to upstreams as `X-Request-ID`."""

deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
"""When the current request must have been answered, in `time.monotonic()` seconds."""


@dataclass(frozen=True)
class Task:
    """A task that a worker runs.

    Args:
        id: the same at each attempt.
        path: of its function.
    """

    id: str
    path: str


task: ContextVar[Task | None] = ContextVar("task", default=None)
"""The task that is running here."""


@dataclass
class Spent:
    """What a request's upstream calls have cost so far.

    Args:
        calls: how many have ended.
        seconds: what they took, added up; calls at the same time count in full.
    """

    calls: int = 0
    seconds: float = 0.0


spent: ContextVar[Spent | None] = ContextVar("spent", default=None)
"""What the current request's upstream calls have cost."""
