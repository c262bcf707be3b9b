"""Tasks survive what happens to their workers. Real processes, real signals."""

import json
import math
import signal

import pytest
from testproject.workers.tasks import call
from upstreams import UpstreamError
from upstreams.tasks.database.backend import DatabaseBackend
from upstreams.testing.own_database import migrate

from tasks.log_lines import assert_success, line, wait_for_line

pytestmark = pytest.mark.processes

SECONDS = 60


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
    assert_success(start("--batch"))
    assert [(one["status"], one["return_value"]) for one in results()] == [("SUCCESSFUL", "one pool")] * 50
    assert loopback.accepted == 1


def test_what_tasks_leave_in_cycles_is_collected_before_the_process_has_grown_much(queue, start):
    queue("enqueue_all", json.dumps([("leave_cycle", [5])] * 60 + [("say_peak", [])]))
    assert int(line(start())) < 250


def test_a_batch_says_how_many_tasks_are_not_due(queue, start, results):
    queue("enqueue", "take", "[0]", "1")
    queue("enqueue_later", "take", "[0]", "600")
    worker = start("--batch")
    assert "no task is due; 1 wait for a later time" in wait_for_line(worker, "no task is due")
    assert_success(worker)
    assert [one["status"] for one in results()] == ["SUCCESSFUL", "READY"]


def test_a_worker_that_is_killed_loses_nothing(queue, start, results):
    queue("enqueue", "die_once", "[]", "1")
    assert start().wait(SECONDS) == -signal.SIGKILL
    heir = start()
    assert "WorkerLost" in wait_for_line(heir, "retrying in")
    wait_for_line(heir, "succeeded")
    heir.terminate()
    assert_success(heir)
    assert [(one["return_value"], one["attempts"]) for one in results()] == [("alive", 2)]


def test_a_task_that_kills_its_worker_each_time_fails_visibly(queue, start, results):
    queue("enqueue", "die", "[]", "1")
    assert [start().wait(SECONDS) for _ in range(3)] == [-signal.SIGKILL] * 3
    last = start()
    wait_for_line(last, "failed at its last attempt")
    last.terminate()
    assert_success(last)
    assert [(one["status"], one["exception_class_path"]) for one in results()] == [
        ("FAILED", "upstreams.tasks.attempts.WorkerLost")
    ]


def test_a_slow_task_keeps_its_lease(queue, start, results):
    queue("enqueue", "take", "[6]", "1")
    slow = start()
    assert line(slow) == "started"
    other = start()
    wait_for_line(other, "looking for tasks")
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
    wait_for_line(heir, "succeeded")
    frozen.send_signal(signal.SIGCONT)
    wait_for_line(frozen, "ran longer than LEASE without a sign of life")
    frozen.terminate()
    heir.terminate()
    assert [frozen.wait(SECONDS), heir.wait(SECONDS)] == [0, 0]
    assert [(one["return_value"], one["attempts"]) for one in results()] == [("alive", 2)]


def test_a_database_that_cannot_be_used_is_waited_for(queue, start, environment):
    queue("enqueue", "take", "[0]", "1")
    migrate(environment, "upstreams_tasks_database", "zero")
    worker = start()
    wait_for_line(worker, "the database cannot be used, trying again")
    migrate(environment)
    assert line(worker) == "started"
    worker.terminate()
    assert_success(worker)


def test_sigterm_lets_the_task_in_hand_finish_and_takes_no_new_one(queue, start, results):
    queue("enqueue", "take", "[0.5]", "2")
    worker = start()
    assert line(worker) == "started"
    worker.terminate()
    assert_success(worker)
    assert [one["status"] for one in results()] == ["SUCCESSFUL", "READY"]


def test_a_task_that_outlives_the_grace_is_given_back(queue, start, results):
    queue("enqueue", "take", "[60]", "1")
    worker = start(GRACE="0.5")
    assert line(worker) == "started"
    worker.terminate()
    assert worker.wait(SECONDS) == 1
    (given_back,) = results()
    assert (given_back["status"], given_back["attempts"]) == ("READY", 1)
    assert "the worker had to stop" in given_back["traceback"]
