"""Where a task comes from: the request that enqueued it, and its trace, which go on in the worker."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.tasks import Task
from opentelemetry.context import Context
from opentelemetry.trace import SpanKind

from services.core import context, traces
from worker import metrics

REQUEST_ID = "request_id"
SYSTEM = {"messaging.system": "django_tasks"}


@contextmanager
def enqueuing(task: "Task[..., Any]") -> Iterator[None]:
    """Around what hands a task to its queue: traces it, and counts it. What `carried` says inside goes with it.

    Args:
        task: as it is enqueued.
    """
    attributes = SYSTEM | {
        "messaging.operation.name": "enqueue",
        "messaging.operation.type": "send",
        "messaging.destination.name": task.queue_name,
    }
    with traces.work(f"enqueue {task.module_path}", SpanKind.PRODUCER, attributes):
        yield
    metrics.ENQUEUED.labels(task.module_path).inc()


def carried() -> dict[str, str]:
    """The id of the current request and the headers of its trace, if there are such."""
    origin: dict[str, str] = {}
    if traces.is_on():
        from opentelemetry import propagate  # it reads the environment as it is imported

        propagate.inject(origin)
    if (request_id := context.request_id.get()) is not None:
        origin[REQUEST_ID] = request_id
    return origin


def trace_of(origin: Mapping[str, str]) -> Context | None:
    """The trace that goes on, for those who start a span in it.

    Args:
        origin: what `carried` said.
    """
    if not traces.is_on():
        return None
    from opentelemetry import propagate

    return propagate.extract(origin)
