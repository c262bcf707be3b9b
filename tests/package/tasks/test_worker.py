"""Tasks survive what happens to their workers. Real processes, real signals."""

import json
import math
import signal

import pytest
from testproject.workers.tasks import call
from upstreams import UpstreamError
from upstreams.tasks.database.backend import DatabaseBackend
from upstreams.testing.own_database import migrate

pytestmark = pytest.mark.processes

SECONDS = 60


def line(process):
    return process.stdout.readline().strip()


def until_said(process, *words):
    """The next line of the log with one of the words."""
    return next(line for line in process.stderr if any(word in line for word in words))


@pytest.fixture
def backend():
    return DatabaseBackend("default", {"OPTIONS": {"BACKOFF": 10, "MAX_BACKOFF": 600}})


async def test_arguments_that_are_no_json_are_refused_by_name(backend):
    message = (
        "task testproject.workers.tasks.call: Unsupported type: <class 'set'>: its arguments must be JSON"
    )
    with pytest.raises(TypeError, match=message):
        backend.enqueue(call, ({1},), {})
    with pytest.raises(TypeError, match=message):
        await backend.aenqueue(call, ({1},), {})


@pytest.mark.parametrize(
    "value", [math.nan, -math.inf, "a\0", "\ud800", b"\0", b"\xff", [{"a": (math.inf,)}], {"\0": 1}], ids=repr
)
async def test_what_postgresql_cannot_store_is_no_json(backend, value):
    with pytest.raises(
        TypeError, match=r"task testproject\.workers\.tasks\.call: .*: its arguments must be JSON"
    ):
        backend.enqueue(call, (value,), {})
    with pytest.raises(TypeError, match="its arguments must be JSON"):
        await backend.aenqueue(call, (), {"a": value})


@pytest.mark.parametrize(("failed", "least", "most"), [(1, 5, 10), (2, 10, 20), (9, 300, 600)])
def test_each_attempt_waits_longer(backend, failed, least, most):
    assert least <= backend.delay(failed, LookupError()) <= most


def test_an_upstream_that_asks_for_time_gets_it(backend):
    assert backend.delay(1, UpstreamError("busy", retry_after=60)) >= 60


def test_fifty_async_tasks_share_one_connection(queue, start, results, loopback):
    queue("enqueue", "call", "[]", "50")
    assert start("--batch").wait(SECONDS) == 0
    assert [(one["status"], one["return_value"]) for one in results()] == [("SUCCESSFUL", "one pool")] * 50
    assert loopback.accepted == 1


def test_what_tasks_leave_in_cycles_is_collected_before_the_process_has_grown_much(queue, start):
    queue("enqueue_all", json.dumps([("leave_cycle", [5])] * 60 + [("say_peak", [])]))
    assert int(line(start())) < 250


def test_a_batch_says_how_many_tasks_are_not_due(queue, start, results):
    queue("enqueue", "take", "[0]", "1")
    queue("enqueue_later", "take", "[0]", "600")
    worker = start("--batch")
    assert "no task is due; 1 wait for a later time" in until_said(worker, "no task is due")
    assert worker.wait(SECONDS) == 0
    assert [one["status"] for one in results()] == ["SUCCESSFUL", "READY"]


def test_a_task_whose_queue_is_gone_fails_visibly_and_harms_no_other(queue, start, results):
    queue("enqueue", "recur", "[]", "1")
    queue("move", "gone")
    queue("enqueue", "recur", "[]", "1")
    worker = start()
    ended = ("failed at its last attempt", '"outcome":"succeeded"')
    assert "InvalidTask" in "".join(until_said(worker, *ended) for _ in ended)
    worker.terminate()
    assert worker.wait(SECONDS) == 0
    assert [(one["status"], one["attempts"]) for one in results()] == [("FAILED", 3), ("SUCCESSFUL", 1)]


def test_a_task_that_fails_is_tried_again(queue, start, results):
    queue("enqueue", "fail_twice", "[]", "1")
    worker = start()
    assert [line(worker) for _ in range(3)] == ["attempt 1", "attempt 2", "attempt 3"]
    worker.terminate()
    assert worker.wait(SECONDS) == 0
    assert [(one["status"], one["return_value"]) for one in results()] == [("SUCCESSFUL", "at last")]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("fail", "builtins.LookupError"),
        ("exit_the_process", "builtins.SystemExit"),
        ("return_a_set", "builtins.TypeError"),
    ],
)
def test_a_poison_task_fails_visibly_and_harms_no_other(queue, start, results, name, error):
    queue("enqueue", name, "[]", "1")
    worker = start()
    assert name in until_said(worker, "failed at its last attempt")
    queue("enqueue", "take", "[0]", "1")
    assert line(worker) == "started"
    assert line(worker) == "ended"
    worker.terminate()
    assert worker.wait(SECONDS) == 0
    poison, other = results()
    assert (poison["status"], poison["attempts"], poison["exception_class_path"]) == ("FAILED", 3, error)
    assert other["status"] == "SUCCESSFUL"


def test_errors_that_cannot_be_written_down_lose_no_task_and_end_no_worker(queue, start, results):
    kinds = ["nul", "surrogate", "str", "repr", "recursion", "digits"]
    calls = [("fail_unwritably", [kind]) for kind in kinds]
    calls += [("return_unwritably", [kind]) for kind in ("nul", "surrogate", "infinity", "digits")]
    queue("enqueue_all", json.dumps(calls))
    worker = start()
    for _ in calls:
        until_said(worker, "failed at its last attempt")
    worker.terminate()
    assert worker.wait(SECONDS) == 0
    assert [(one["status"], one["attempts"]) for one in results()] == [("FAILED", 3)] * len(calls)


def test_a_wait_without_an_end_is_a_day(queue, start, results):
    queue("enqueue", "fail_unwritably", '["retry_after"]', "1")
    queue("enqueue", "fail_unwritably", '["infinity"]', "1")
    assert start("--batch").wait(SECONDS) == 0
    assert [(one["status"], one["attempts"]) for one in results()] == [("READY", 1)] * 2


def test_a_task_whose_code_is_gone_fails_visibly(queue, start, results):
    queue("enqueue", "fail", "[]", "1")
    queue("rename", "testproject.workers.tasks.gone")
    worker = start()
    until_said(worker, "failed at its last attempt")
    worker.terminate()
    assert worker.wait(SECONDS) == 0
    assert [(one["status"], one["exception_class_path"]) for one in results()] == [
        ("FAILED", "builtins.ImportError")
    ]


def test_a_worker_that_is_killed_loses_nothing(queue, start, results):
    queue("enqueue", "die_once", "[]", "1")
    assert start().wait(SECONDS) == -signal.SIGKILL
    heir = start()
    assert "WorkerLost" in until_said(heir, "retrying in")
    until_said(heir, "succeeded")
    heir.terminate()
    assert heir.wait(SECONDS) == 0
    assert [(one["return_value"], one["attempts"]) for one in results()] == [("alive", 2)]


def test_a_task_that_kills_its_worker_each_time_fails_visibly(queue, start, results):
    queue("enqueue", "die", "[]", "1")
    assert [start().wait(SECONDS) for _ in range(3)] == [-signal.SIGKILL] * 3
    last = start()
    until_said(last, "failed at its last attempt")
    last.terminate()
    assert last.wait(SECONDS) == 0
    assert [(one["status"], one["exception_class_path"]) for one in results()] == [
        ("FAILED", "upstreams.tasks.attempts.WorkerLost")
    ]


def test_a_slow_task_keeps_its_lease(queue, start, results):
    queue("enqueue", "take", "[6]", "1")
    slow = start()
    assert line(slow) == "started"
    other = start()
    until_said(other, "looking for tasks")
    assert line(slow) == "ended"
    other.terminate()
    slow.terminate()
    assert [slow.wait(SECONDS), other.wait(SECONDS)] == [0, 0]
    assert [(one["status"], one["attempts"]) for one in results()] == [("SUCCESSFUL", 1)]


def test_a_worker_that_was_frozen_does_not_undo_what_its_heir_did(queue, start, results):
    queue("enqueue", "freeze_once", "[]", "1")
    frozen = start()
    assert line(frozen) == "frozen"
    heir = start()
    until_said(heir, "succeeded")
    frozen.send_signal(signal.SIGCONT)
    until_said(frozen, "ran longer than LEASE without a sign of life")
    frozen.terminate()
    heir.terminate()
    assert [frozen.wait(SECONDS), heir.wait(SECONDS)] == [0, 0]
    assert [(one["return_value"], one["attempts"]) for one in results()] == [("alive", 2)]


def test_a_database_that_cannot_be_used_is_waited_for(queue, start, environment):
    queue("enqueue", "take", "[0]", "1")
    migrate(environment, "upstreams_tasks_database", "zero")
    worker = start()
    until_said(worker, "the database cannot be used, trying again")
    migrate(environment)
    assert line(worker) == "started"
    worker.terminate()
    assert worker.wait(SECONDS) == 0


def test_sigterm_lets_the_task_in_hand_finish_and_takes_no_new_one(queue, start, results):
    queue("enqueue", "take", "[0.5]", "2")
    worker = start()
    assert line(worker) == "started"
    worker.terminate()
    assert worker.wait(SECONDS) == 0
    assert [one["status"] for one in results()] == ["SUCCESSFUL", "READY"]


def test_a_task_that_outlives_the_grace_is_given_back(queue, start, results):
    queue("enqueue", "take", "[30]", "1")
    worker = start()
    assert line(worker) == "started"
    worker.terminate()
    assert worker.wait(10) == 1
    (given_back,) = results()
    assert (given_back["status"], given_back["attempts"]) == ("READY", 1)
    assert "the worker had to stop" in given_back["traceback"]
