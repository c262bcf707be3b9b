"""What a task carries from its request, and what is recorded of each attempt."""

import pytest
from django.tasks import task_backends
from django_tasks_db.models import DBTaskResult
from prometheus_client import REGISTRY
from structlog.contextvars import get_contextvars
from testproject.workers import settings as quick
from testproject.workers import tasks
from upstreams.core import context
from upstreams.tasks.database.models import ClaimedTask, Lease

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def durable(settings):
    settings.TASKS = quick.TASKS


@pytest.fixture
def grown():
    """By how much a series has grown since the test first asked."""

    def value(name, **labels):
        return REGISTRY.get_sample_value(name, labels) or 0

    def grown(name, **labels):
        before = value(name, **labels)
        return lambda: value(name, **labels) - before

    return grown


def work(attempts=1):
    """Does what a worker does with one task."""
    worker = task_backends["default"].make_worker(batch=True, pool=None, concurrency=None)
    for _ in range(attempts):
        row = DBTaskResult.objects.get()
        row.claim(worker.worker_id)
        worker.run_task(row)


def die_with_it():
    """Does what becomes of a task whose worker dies."""
    DBTaskResult.objects.get().claim("dead")
    Lease.objects.update(until="2000-01-01T00:00Z")
    ClaimedTask.objects.get().recover()


def path(task):
    return f"testproject.workers.tasks.{task}"


def test_the_carrier_costs_no_query(django_assert_num_queries, request_id):
    with django_assert_num_queries(1):
        tasks.note.enqueue("a")
    assert DBTaskResult.objects.get().args_kwargs["carrier"] == {"request_id": request_id}


def test_where_there_is_nothing_to_carry_nothing_is_stored():
    result = tasks.note.enqueue("a")
    assert DBTaskResult.objects.get().args_kwargs == {"args": ["a"], "kwargs": {}}
    assert tasks.note.get_result(result.id).args == ["a"]


def test_lines_of_a_task_say_which_task_and_whose_request(lines, request_id):
    result = tasks.note.enqueue("a")
    context.request_id.set("of another")
    work()
    said = next(line for line in lines if line["event"] == "a line of the task")
    assert (said["request_id"], said["task"], said["task_id"]) == (request_id, path("note"), result.id)
    assert (context.request_id.get(), context.task.get()) == ("of another", None)


def test_without_a_request_the_task_stands_for_it(lines):
    result = tasks.note.enqueue("a")
    work()
    assert [line["request_id"] for line in lines if "request_id" in line] == [result.id] * 2


@pytest.mark.parametrize(
    ("task", "attempts", "level", "outcome"),
    [
        ("return_a_set", 1, "warning", "retried"),
        ("fail", 2, "warning", "retried"),
        ("fail", 3, "error", "failed"),
        ("take", 1, "info", "succeeded"),
    ],
)
def test_each_attempt_is_one_line(lines, request_id, task, attempts, level, outcome):
    result = getattr(tasks, task).enqueue(*([0] if task == "take" else []))
    work(attempts)
    logged = [line for line in lines if "outcome" in line]
    assert [line["attempt"] for line in logged] == list(range(1, attempts + 1))
    assert {line["task_id"] for line in logged} == {result.id}
    last = logged[-1]
    assert (last["level"], last["outcome"], last["task"]) == (level, outcome, path(task))
    assert (last["request_id"], last["upstream_calls"]) == (request_id, 0)
    assert min(last["duration_ms"], last["waited_ms"]) >= 0
    assert len(lines) == attempts


def test_an_error_has_its_traceback_once_at_the_last_attempt(lines):
    tasks.fail.enqueue()
    work(3)
    assert ["exception" in line for line in lines] == [False, False, True]
    assert [line["event"].count("LookupError('never')") for line in lines] == [1, 1, 1]


def test_the_task_of_a_dead_worker_is_logged_by_the_one_that_finds_it(lines, grown):
    lost = grown("task_attempts_total", task=path("note"), outcome="worker_lost")
    tasks.note.enqueue("a")
    die_with_it()
    (line,) = lines
    assert (line["level"], line["outcome"], line["attempt"]) == ("warning", "worker_lost", 1)
    assert "WorkerLost('worker dead ended or hung while it was running the task')" in line["event"]
    assert lost() == 1


def test_a_task_that_is_lost_at_its_last_attempt_has_failed(lines, settings):
    settings.TASKS = {"default": {**quick.TASKS["default"], "OPTIONS": {"MAX_ATTEMPTS": 1}}}
    tasks.note.enqueue("a")
    die_with_it()
    assert [line["outcome"] for line in lines] == ["failed"]


def test_the_way_of_a_task_is_counted(grown):
    labels = {"task": path("fail")}
    enqueued = grown("tasks_enqueued_total", **labels)
    retried = grown("task_attempts_total", **labels, outcome="retried")
    failed = grown("task_attempts_total", **labels, outcome="failed")
    took = grown("task_duration_seconds_count", **labels)
    waited = grown("task_wait_seconds_count", queue="default")
    running = grown("tasks_running", **labels)
    tasks.fail.enqueue()
    work(3)
    assert [series() for series in (enqueued, retried, failed, took, waited, running)] == [1, 2, 1, 3, 3, 0]


def test_a_running_task_is_counted_as_such():
    tasks.note.enqueue("a")
    recorder = ClaimedTask.objects.get().recorder
    with recorder.running():
        assert REGISTRY.get_sample_value("tasks_running", {"task": path("note")}) == 1
    assert REGISTRY.get_sample_value("tasks_running", {"task": path("note")}) == 0


def test_a_task_that_was_to_wait_is_not_late_before_its_time():
    row = ClaimedTask(args_kwargs={}, task_path="a", queue_name="default")
    row.enqueued_at, row.run_after = 1, 5
    assert row.recorder.due == 5


def test_what_is_no_json_is_neither_stored_nor_counted(grown):
    enqueued = grown("tasks_enqueued_total", task=path("note"))
    with pytest.raises(TypeError, match="its arguments must be JSON"):
        tasks.note.enqueue({1})
    assert enqueued() == 0
    assert not DBTaskResult.objects.exists()


def test_what_a_task_has_bound_to_its_log_lines_is_not_on_those_of_the_next():
    tasks.bind.enqueue("seven")
    work()
    assert get_contextvars() == {}
