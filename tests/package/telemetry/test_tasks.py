"""The trace of a request goes on in the task that it enqueues."""

import pytest
from django.tasks import task_backends
from django_tasks_db.models import DBTaskResult
from opentelemetry import trace
from testproject.workers import settings as quick
from testproject.workers import tasks
from upstreams.clients import portal

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def durable(settings):
    settings.TASKS = quick.TASKS


def work():
    row = DBTaskResult.objects.get()
    row.claim("worker")
    task_backends["default"].make_worker(batch=True, pool=None, concurrency=None).run_task(row)


def test_request_enqueueing_task_and_call_are_one_trace(spans, upstream_mock):
    upstream_mock("quotes").get("random").json({"text": "a", "author": "b"})
    with trace.get_tracer("test").start_as_current_span("request"):
        tasks.ask.enqueue()
    work()
    portal.close()
    enqueue, request, call, task = spans()
    assert enqueue.parent.span_id == request.context.span_id
    assert task.parent.span_id == enqueue.context.span_id
    assert call.parent.span_id == task.context.span_id
    assert {span.context.trace_id for span in spans()} == {request.context.trace_id}


def test_the_spans_say_what_the_conventions_want_and_no_argument(spans):
    result = tasks.note.enqueue("canary")
    work()
    enqueue, task = spans()
    common = {"messaging.system": "django_tasks", "messaging.destination.name": "default"}
    assert (enqueue.name, enqueue.kind) == ("enqueue testproject.workers.tasks.note", trace.SpanKind.PRODUCER)
    assert enqueue.attributes == common | {
        "messaging.operation.name": "enqueue",
        "messaging.operation.type": "send",
    }
    assert (task.name, task.kind) == ("task testproject.workers.tasks.note", trace.SpanKind.CONSUMER)
    assert task.attributes == common | {
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.message.id": result.id,
    }


def test_an_attempt_that_failed_says_so_without_the_words_of_its_error(spans):
    tasks.fail.enqueue()
    work()
    task = spans()[-1]
    assert task.status.status_code is trace.StatusCode.ERROR
    assert (task.attributes["error.type"], task.events) == ("LookupError", ())
    assert "never" not in str(task.status.description)


def test_what_could_not_be_enqueued_says_so(spans):
    with pytest.raises(TypeError):
        tasks.note.enqueue({"canary"})
    (enqueue,) = spans()
    assert enqueue.attributes["error.type"] == "TypeError"


def test_without_traces_nothing_of_them_is_stored(spans, monkeypatch):
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT")
    with trace.get_tracer("test").start_as_current_span("request"):
        tasks.note.enqueue("a")
    assert "carrier" not in DBTaskResult.objects.get().args_kwargs
