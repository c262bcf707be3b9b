"""Logs, metrics and traces of one attempt of a task, the same for every backend."""

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import Literal

from django.utils import timezone
from opentelemetry.trace import Span, SpanKind

from upstreams.core import context, tracing
from upstreams.tasks import failure, metrics, propagation

logger = logging.getLogger(__name__)

Outcome = Literal["succeeded", "retried", "failed", "worker_lost"]
"""How an attempt ended. After `retried` (an error) and `worker_lost`, another attempt follows; after `failed`, none."""


@dataclass(kw_only=True)
class AttemptRecorder:
    """Records one attempt: wrap it in `running`, and call `finish` once.

    Args:
        task_id: the same for each attempt.
        path: dotted path of the task's function.
        queue: name of the queue it came from.
        number: 1 for the first attempt.
        due: when the attempt could have started: when the task was enqueued, or its `run_after`.
        carrier: what `propagation.inject` returned where the task was enqueued.
    """

    task_id: str
    path: str
    queue: str
    number: int
    due: datetime
    carrier: Mapping[str, str]
    _started: float | None = field(default=None, init=False)
    _waited: float = field(default=0.0, init=False)
    _call_stats: context.CallStats = field(default_factory=context.CallStats, init=False)
    _span: Span | None = field(default=None, init=False)

    @property
    def request_id(self) -> str:
        """The id of the request that enqueued the task, or the task's own id if no request did."""
        return self.carrier.get(propagation.REQUEST_ID, self.task_id)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run the block as this attempt, with the id and the trace of the request that enqueued the task."""
        self._started = perf_counter()
        self._waited = max(0.0, (timezone.now() - self.due).total_seconds())
        metrics.WAIT.labels(self.queue).observe(self._waited)
        tokens = (
            context.request_id.set(self.request_id),
            context.task.set(context.Task(self.task_id, self.path)),
            context.call_stats.set(self._call_stats),
        )
        try:
            with metrics.RUNNING.labels(self.path).track_inprogress(), self._start_span() as self._span:
                yield
        finally:
            context.request_id.reset(tokens[0])
            context.task.reset(tokens[1])
            context.call_stats.reset(tokens[2])
            _unbind()

    def finish(
        self, outcome: Outcome, error: BaseException | None = None, retry_in: float | None = None
    ) -> None:
        """Count the attempt and log its one line. Call it inside `running`, unless another process ran the attempt.

        Args:
            outcome: how the attempt ended.
            error: why it did not succeed.
            retry_in: seconds until the next attempt, if there is one.
        """
        metrics.ATTEMPTS.labels(self.path, outcome).inc()
        if self._span is not None and error is not None:
            tracing.fail(self._span, type(error).__qualname__)
        fields = self._log_fields(outcome)
        if error is None:
            logger.info("task %s: succeeded", self.path, extra=fields)
        elif retry_in is not None:
            what = failure.describe(error)
            logger.warning("task %s: retrying in %.3g s, after %s", self.path, retry_in, what, extra=fields)
        else:
            message = "task %s: failed at its last attempt: %s"
            logger.error(message, self.path, failure.describe(error), exc_info=error, extra=fields)

    def _start_span(self) -> AbstractContextManager[Span | None]:
        attributes = propagation.SYSTEM | {
            "messaging.operation.name": "process",
            "messaging.operation.type": "process",
            "messaging.destination.name": self.queue,
            "messaging.message.id": self.task_id,
        }
        parent = propagation.extract_context(self.carrier)
        return tracing.work(f"task {self.path}", SpanKind.CONSUMER, attributes, parent)

    def _log_fields(self, outcome: Outcome) -> dict[str, str | float]:
        fields: dict[str, str | float] = {
            "task": self.path,
            "task_id": self.task_id,
            "request_id": self.request_id,
            "attempt": self.number,
            "outcome": outcome,
        }
        if self._started is None:
            return fields
        seconds = perf_counter() - self._started
        metrics.DURATION.labels(self.path).observe(seconds)
        return fields | {
            "duration_ms": round(seconds * 1000, 1),
            "waited_ms": round(self._waited * 1000, 1),
            "upstream_calls": self._call_stats.calls,
            "upstream_ms": round(self._call_stats.seconds * 1000, 1),
        }


def _unbind() -> None:
    """Forget what the task has bound by structlog, which comes with the extra `asgi`: the next one runs in this thread."""
    if (bound := sys.modules.get("structlog.contextvars")) is not None:
        bound.clear_contextvars()


class WorkerLost(Exception):
    """A worker ended or hung while it was running a task."""
