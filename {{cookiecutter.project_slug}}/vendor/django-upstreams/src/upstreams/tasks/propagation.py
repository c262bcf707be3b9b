"""Carry the request id and the trace of the code that enqueues a task to the worker that runs it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.tasks import Task
from opentelemetry.context import Context
from opentelemetry.trace import SpanKind

from upstreams.core import context, tracing
from upstreams.tasks import metrics

REQUEST_ID = "request_id"
SYSTEM = {"messaging.system": "django_tasks"}


@contextmanager
def record_enqueue(task: "Task[..., Any]") -> Iterator[None]:
    """Trace and count what the block enqueues. Call `inject` inside the block, so that the worker continues this trace.

    Args:
        task: the task being enqueued.
    """
    attributes = SYSTEM | {
        "messaging.operation.name": "enqueue",
        "messaging.operation.type": "send",
        "messaging.destination.name": task.queue_name,
    }
    with tracing.work(f"enqueue {task.module_path}", SpanKind.PRODUCER, attributes):
        yield
    metrics.ENQUEUED.labels(task.module_path).inc()


def inject() -> dict[str, str]:
    """Return the carrier: the id of the current request and the headers of its trace, as far as there are any."""
    carrier: dict[str, str] = {}
    if tracing.is_on():
        from opentelemetry import propagate  # reads environment variables when it is imported

        propagate.inject(carrier)
    if (request_id := context.request_id.get()) is not None:
        carrier[REQUEST_ID] = request_id
    return carrier


def extract_context(carrier: Mapping[str, str]) -> Context | None:
    """Return the trace context in which the worker starts its span, or None if traces are off.

    Args:
        carrier: what `inject` returned.
    """
    if not tracing.is_on():
        return None
    from opentelemetry import propagate

    return propagate.extract(carrier)
