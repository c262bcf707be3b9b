"""One attempt of a task, as logs, metrics and traces see it, whichever backend makes it."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import Literal

from django.utils import timezone
from opentelemetry.trace import Span, SpanKind

from services.core import context, traces
from worker import metrics, origin

logger = logging.getLogger(__name__)

Outcome = Literal["succeeded", "again", "failed", "lost"]
"""`again`: an error, and another attempt follows. `failed`: none follows. `lost`: the worker died; another follows."""


@dataclass(kw_only=True)
class Seen:
    """Tells of one attempt: `running` is around it, and `ended` says, once, what became of it.

    Args:
        task_id: the same at each attempt.
        path: of the task's function.
        queue: it was taken from.
        number: 1 for the first one.
        due: when it could have begun: the task was enqueued, or was to wait until then.
        carried: what `origin.carried` said where the task was enqueued.
    """

    task_id: str
    path: str
    queue: str
    number: int
    due: datetime
    carried: Mapping[str, str]
    _started: float | None = field(default=None, init=False)
    _waited: float = field(default=0.0, init=False)
    _spent: context.Spent = field(default_factory=context.Spent, init=False)
    _span: Span | None = field(default=None, init=False)

    @property
    def request_id(self) -> str:
        """Of the request that enqueued the task; the task's id, if none did."""
        return self.carried.get(origin.REQUEST_ID, self.task_id)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Around the attempt, in the thread that makes it: goes on with the request's id and trace."""
        self._started = perf_counter()
        self._waited = max(0.0, (timezone.now() - self.due).total_seconds())
        metrics.WAIT.labels(self.queue).observe(self._waited)
        tokens = (
            context.request_id.set(self.request_id),
            context.task.set(context.Task(self.task_id, self.path)),
            context.spent.set(self._spent),
        )
        try:
            with metrics.RUNNING.labels(self.path).track_inprogress(), self._traced() as self._span:
                yield
        finally:
            context.request_id.reset(tokens[0])
            context.task.reset(tokens[1])
            context.spent.reset(tokens[2])

    def ended(
        self, outcome: Outcome, error: BaseException | None = None, seconds: float | None = None
    ) -> None:
        """Count the attempt, and log its one line. Inside `running`, unless another process made the attempt.

        Args:
            outcome: what became of it.
            error: why, unless it succeeded.
            seconds: until the next one, if there is one.
        """
        metrics.ATTEMPTS.labels(self.path, outcome).inc()
        if self._span is not None and error is not None:
            traces.fail(self._span, type(error).__qualname__)
        line = self._line(outcome)
        if error is None:
            logger.info("task %s: succeeded", self.path, extra=line)
        elif seconds is not None:
            logger.warning("task %s: again in %.3g s, after %r", self.path, seconds, error, extra=line)
        else:
            what = "task %s: failed at its last attempt: %r"
            logger.error(what, self.path, error, exc_info=error, extra=line)

    def _traced(self) -> AbstractContextManager[Span | None]:
        attributes = origin.SYSTEM | {
            "messaging.operation.name": "process",
            "messaging.operation.type": "process",
            "messaging.destination.name": self.queue,
            "messaging.message.id": self.task_id,
        }
        parent = origin.trace_of(self.carried)
        return traces.work(f"task {self.path}", SpanKind.CONSUMER, attributes, parent)

    def _line(self, outcome: Outcome) -> dict[str, str | float]:
        line: dict[str, str | float] = {
            "task": self.path,
            "task_id": self.task_id,
            "request_id": self.request_id,
            "attempt": self.number,
            "outcome": outcome,
        }
        if self._started is None:
            return line
        seconds = perf_counter() - self._started
        metrics.DURATION.labels(self.path).observe(seconds)
        return line | {
            "duration_ms": round(seconds * 1000, 1),
            "waited_ms": round(self._waited * 1000, 1),
            "upstream_calls": self._spent.calls,
            "upstream_ms": round(self._spent.seconds * 1000, 1),
        }


class WorkerLost(Exception):
    """A worker ended with a task in hand."""
