"""Context variables: what a call inherits from the request or task that makes it, and reports back."""

from concurrent.futures import Executor
from contextvars import ContextVar
from dataclasses import dataclass

from upstreams.core.request_deadline import RequestDeadline
from upstreams.core.request_trace import RequestTrace

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the current request, or of the one that enqueued the current task; sent to upstreams as `X-Request-ID`."""

deadline: ContextVar[RequestDeadline | None] = ContextVar("deadline", default=None)
"""When the response to the current request must begin; None outside of requests, and in streams."""


@dataclass(frozen=True)
class Task:
    """A task that a worker runs.

    Args:
        id: the same at each attempt.
        path: the dotted path of its function.
    """

    id: str
    path: str


task: ContextVar[Task | None] = ContextVar("task", default=None)
"""The task that this context runs."""


@dataclass
class CallStats:
    """The upstream calls of one request or task.

    Args:
        calls: how many have ended.
        seconds: the sum of their durations; concurrent calls count in full.
        thread_taken_by: the names of the functions that were given to the request's thread.
        executor: which has that thread.
    """

    calls: int = 0
    seconds: float = 0.0
    thread_taken_by: tuple[str, ...] = ()
    executor: Executor | None = None


call_stats: ContextVar[CallStats | None] = ContextVar("call_stats", default=None)
"""The upstream calls of the current request or task."""

request_trace: ContextVar[RequestTrace | None] = ContextVar("request_trace", default=None)
"""What records the upstream calls of the current request, under DEBUG alone."""

drain_ends: ContextVar[float | None] = ContextVar("drain_ends", default=None)
"""When `CLIENT_DRAIN` is over, in `time.monotonic()` seconds; set in the lifespan's task when it begins to drain."""
