"""What a task carries from its request, and what is recorded of each attempt. No broker: the messages are kept."""

import pytest
from django.db import OperationalError
from django.tasks import task_backends
from opentelemetry import trace
from prometheus_client import REGISTRY
from testproject.workers import celery_settings as quick
from testproject.workers import tasks
from upstreams.clients import portal
from upstreams.core import context
from upstreams.tasks.celery.broker import Broker, EnqueueFailed
from upstreams.tasks.celery.models import Failed
from upstreams.tasks.celery.work import CannotContinue, ClaimedTask

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def sent(settings, monkeypatch):
    """What the broker would keep."""
    sent = []
    settings.TASKS = quick.TASKS
    monkeypatch.setattr(Broker, "send", lambda _, message: sent.append(message))
    return sent


@pytest.fixture
def work(sent):
    """Does what a worker does with the next message."""

    def work(attempts=1, *, redelivered=False):
        for _ in range(attempts):
            ClaimedTask(sent.pop(0), task_backends["default"], worker="w").run(redelivered=redelivered)

    return work


def counted(name, **labels):
    return REGISTRY.get_sample_value(name, {"task": "testproject.workers.tasks.fail", **labels}) or 0


def test_lines_of_a_task_say_which_task_and_whose_request(work, lines, request_id):
    result = tasks.note.enqueue("a")
    context.request_id.set("of another")
    work()
    said = next(line for line in lines if line["event"] == "a line of the task")
    assert (said["request_id"], said["task_id"]) == (request_id, result.id)
    assert (context.request_id.get(), context.task.get()) == ("of another", None)


@pytest.mark.parametrize(
    ("task", "redelivered", "level", "outcome"),
    [
        ("return_a_set", False, "warning", "retried"),
        ("fail", False, "warning", "retried"),
        ("fail", True, "warning", "worker_lost"),
        ("recur", False, "info", "succeeded"),
    ],
)
def test_each_attempt_is_one_line(work, lines, request_id, task, redelivered, level, outcome):
    result = getattr(tasks, task).enqueue()
    work(redelivered=redelivered)
    (line,) = lines
    assert (line["level"], line["outcome"], line["attempt"]) == (level, outcome, 1)
    assert (line["request_id"], line["task_id"]) == (request_id, result.id)


def test_the_way_of_a_task_is_counted(work):
    before = counted("tasks_enqueued_total"), counted("task_attempts_total", outcome="failed")
    tasks.fail.enqueue()
    work(3)
    after = counted("tasks_enqueued_total"), counted("task_attempts_total", outcome="failed")
    assert (after[0] - before[0], after[1] - before[1]) == (1, 1)
    assert counted("tasks_running") == 0


def test_a_task_does_not_fail_before_that_can_be_kept(work, sent, lines, monkeypatch):
    def refused(**_):
        raise OperationalError("no database")

    tasks.fail.enqueue()
    with monkeypatch.context() as broken:
        broken.setattr(Failed.objects, "update_or_create", refused)
        work(3)
    assert [line["outcome"] for line in lines if "outcome" in line] == ["retried", "retried", "retried"]
    work()
    assert (lines[-1]["outcome"], lines[-1]["attempt"], sent) == ("failed", 4, [])
    assert Failed.objects.get().error == "LookupError('never')"


def test_a_broker_that_does_not_take_the_next_attempt_keeps_this_one(work, monkeypatch):
    def refused(self, message):
        raise EnqueueFailed("no broker")

    tasks.fail.enqueue()
    monkeypatch.setattr(Broker, "send", refused)
    with pytest.raises(CannotContinue):
        work()


def test_a_broker_that_does_not_say_whether_an_attempt_had_started_keeps_it(work, monkeypatch, lines):
    def unknown(*_, **__):
        raise OSError("no broker")

    tasks.fail.enqueue()
    monkeypatch.setattr("upstreams.tasks.celery.leases.start", unknown)
    with pytest.raises(CannotContinue):
        work()
    assert not [line for line in lines if "outcome" in line]


def test_request_enqueueing_task_and_call_are_one_trace(spans, upstream_mock, work):
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
