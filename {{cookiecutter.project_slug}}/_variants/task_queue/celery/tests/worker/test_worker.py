"""Tasks survive what happens to their workers. Real brokers, real processes, real signals."""

import json
import os
import signal
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.processes import SECONDS
from tests.worker import tasks
from tests.worker.conftest import kill

pytestmark = pytest.mark.processes

POOLS = pytest.mark.parametrize("pool", ["threads", "prefork"])


def line(process):
    return process.stdout.readline().strip()


def until_said(process, word):
    return next(line for line in process.stderr if word in line)


def attempts(process, count):
    """What is told of the next ones."""
    said = (json.loads(line) for line in process.stderr if '"outcome"' in line)
    return [next(said) for _ in range(count)]


def outcomes(process, count):
    """Of the next attempts: which task, which attempt, what became of it."""
    told = attempts(process, count)
    return [(one["task"].rpartition(".")[2], one["attempt"], one["outcome"]) for one in told]


def gone():
    """Stands for a task whose code is not there any more."""


@POOLS
def test_fifty_async_tasks_share_one_connection_a_process(start, enqueue, loopback, pool):
    for _ in range(50):
        enqueue(tasks.call)
    worker = start("--pool", pool, "--concurrency", "1")
    assert outcomes(worker, 50) == [("call", 1, "succeeded")] * 50
    assert loopback.accepted == 1
    worker.terminate()
    assert worker.wait(SECONDS) == 0


def test_threads_share_the_connections_of_their_process(start, enqueue, loopback):
    for _ in range(50):
        enqueue(tasks.call)
    worker = start("--concurrency", "4")
    assert outcomes(worker, 50) == [("call", 1, "succeeded")] * 50
    assert loopback.accepted <= 4


@POOLS
def test_a_worker_that_is_killed_loses_nothing(start, enqueue, pool):
    enqueue(tasks.take, 1)
    worker = start("--pool", pool)
    assert line(worker) == "started"
    kill(worker)
    heir = start("--pool", pool)
    assert outcomes(heir, 2) == [("take", 1, "lost"), ("take", 2, "succeeded")]


def test_a_process_of_the_pool_that_is_killed_loses_nothing(start, enqueue):
    enqueue(tasks.die_once)
    worker = start("--pool", "prefork", "--concurrency", "1")
    assert outcomes(worker, 2) == [("die_once", 1, "lost"), ("die_once", 2, "succeeded")]


def test_a_task_that_kills_its_worker_each_time_fails_visibly(start, enqueue, failed):
    enqueue(tasks.die)
    assert [start().wait(SECONDS) for _ in range(3)] == [-signal.SIGKILL] * 3
    assert outcomes(start(), 1) == [("die", 3, "failed")]
    assert [path for path, _ in failed()] == ["die"]


def test_a_task_that_kills_its_process_each_time_fails_visibly(start, enqueue, failed):
    enqueue(tasks.die)
    enqueue(tasks.take, 0)
    worker = start("--pool", "prefork", "--concurrency", "1")
    assert sorted(outcomes(worker, 4)) == [
        ("die", 1, "lost"),
        ("die", 2, "lost"),
        ("die", 3, "failed"),
        ("take", 1, "succeeded"),
    ]
    assert [path for path, _ in failed()] == ["die"]


def test_a_task_that_fails_is_tried_again_under_the_same_id(start, enqueue):
    result = enqueue(tasks.fail_twice)
    told = attempts(start(), 3)
    assert [one["outcome"] for one in told] == ["again", "again", "succeeded"]
    assert [(one["attempt"], one["task_id"]) for one in told] == [(n, result.id) for n in (1, 2, 3)]


@POOLS
def test_poison_fails_visibly_and_harms_no_other(start, enqueue, failed, pool):
    for task in (tasks.fail, tasks.exit_the_process, tasks.return_a_set, replace(tasks.fail, func=gone)):
        enqueue(task)
    worker = start("--pool", pool, "--concurrency", "2")
    ended = outcomes(worker, 12)
    assert sorted(name for name, _, outcome in ended if outcome == "failed") == [
        "exit_the_process",
        "fail",
        "gone",
        "return_a_set",
    ]
    enqueue(tasks.take, 0)
    assert outcomes(worker, 1) == [("take", 1, "succeeded")]
    assert dict(failed())["fail"] == "LookupError('never')"


def test_a_slow_task_is_not_taken_for_a_dead_one(start, enqueue):
    enqueue(tasks.take, 8)
    slow = start()
    assert line(slow) == "started"
    other = start()
    until_said(other, "looking for tasks")
    assert outcomes(slow, 1) == [("take", 1, "succeeded")]
    other.terminate()
    assert other.wait(SECONDS) == 0
    assert other.stdout.read().split("\n")[0] == ""


@POOLS
def test_sigterm_lets_the_task_in_hand_finish_and_takes_no_new_one(start, enqueue, backend, pool):
    enqueue(tasks.take, 1)
    enqueue(tasks.take, 0)
    worker = start("--pool", pool, "--concurrency", "1")
    assert line(worker) == "started"
    worker.terminate()
    assert worker.wait(SECONDS) == 0
    assert backend.broker.queued() == {"default": 1}
    assert [json.loads(line)["outcome"] for line in worker.stderr if '"outcome"' in line] == ["succeeded"]


def test_sigterm_to_all_processes_at_once_lets_the_task_in_hand_finish(start, enqueue, backend):
    enqueue(tasks.take, 1)
    worker = start("--pool", "prefork", "--concurrency", "1")
    assert line(worker) == "started"
    os.killpg(worker.pid, signal.SIGTERM)
    assert worker.wait(SECONDS) == 0
    assert backend.broker.queued() == {"default": 0}
    assert [json.loads(line)["outcome"] for line in worker.stderr if '"outcome"' in line] == ["succeeded"]


@POOLS
def test_a_task_that_outlives_the_grace_is_given_back(start, enqueue, pool):
    enqueue(tasks.hang_once)
    worker = start("--pool", pool, "--concurrency", "1")
    assert line(worker) == "started"
    worker.terminate()
    assert worker.wait(SECONDS) == 1
    assert "SERVER_GRACE" in until_said(worker, "took longer")
    assert outcomes(start(), 2) == [("hang_once", 1, "lost"), ("hang_once", 2, "succeeded")]


def test_what_is_not_due_yet_was_not_tried_by_the_worker_that_holds_it(start, enqueue):
    later = tasks.take.using(run_after=timezone.now() + timedelta(seconds=15))
    enqueue(later, 0)
    holder = start()
    until_said(holder, "looking for tasks")
    holder.terminate()
    assert holder.wait(SECONDS) == 0
    heir = start()
    assert outcomes(heir, 1) == [("take", 1, "succeeded")]
    assert timezone.now() >= later.run_after


def test_a_frozen_worker_is_taken_for_a_dead_one(start, enqueue):
    enqueue(tasks.freeze_once)
    frozen = start()
    assert line(frozen) == "frozen"
    assert outcomes(start(), 2) == [("freeze_once", 1, "lost"), ("freeze_once", 2, "succeeded")]


def test_a_worker_comes_back_to_a_broker_that_was_away(start, enqueue, proxy):
    worker = start(BROKER_URL=proxy.url)
    until_said(worker, "looking for tasks")
    proxy.toxics.down = True
    proxy.close_all()
    until_said(worker, "Trying again in")
    proxy.toxics.down = False
    enqueue(tasks.take, 0)
    assert outcomes(worker, 1) == [("take", 1, "succeeded")]


def test_a_worker_without_a_broker_says_so_once_and_waits(start):
    worker = start(BROKER_URL="amqp://guest:secret@127.0.0.1:1//")
    said = until_said(worker, "no broker answers")
    assert "amqp://guest:**@127.0.0.1:1//, which is waited for" in said
    assert "start one, or set BROKER_URL" in said
    worker.terminate()
    assert worker.wait(SECONDS) == 0
