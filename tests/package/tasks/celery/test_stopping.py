"""Workers that are asked to stop, and workers without a broker. Real brokers, real processes, real signals."""

import json
import os
import signal
from datetime import timedelta

import pytest
from django.utils import timezone
from testproject.processes import SECONDS
from testproject.workers import tasks

from tasks.log_lines import assert_success, line, outcomes, wait_for_line

pytestmark = pytest.mark.processes
POOLS = pytest.mark.parametrize("pool", ["threads", "prefork"])


@pytest.mark.each_broker
@POOLS
def test_sigterm_lets_the_task_in_hand_finish_and_takes_no_new_one(start, enqueue, backend, pool):
    enqueue(tasks.take, 1)
    enqueue(tasks.take, 0)
    worker = start("--pool", pool, "--concurrency", "1")
    assert line(worker) == "started"
    worker.terminate()
    assert_success(worker)
    assert backend.broker.queued()["default"] == 1
    assert [json.loads(line)["outcome"] for line in worker.stderr if '"outcome"' in line] == ["succeeded"]


def test_sigterm_to_all_processes_at_once_lets_the_task_in_hand_finish(start, enqueue, backend):
    enqueue(tasks.take, 1)
    worker = start("--pool", "prefork", "--concurrency", "1")
    assert line(worker) == "started"
    os.killpg(worker.pid, signal.SIGTERM)
    assert_success(worker)
    assert backend.broker.queued()["default"] == 0
    assert [json.loads(line)["outcome"] for line in worker.stderr if '"outcome"' in line] == ["succeeded"]


@POOLS
def test_a_task_that_outlives_the_grace_is_given_back(start, enqueue, pool):
    enqueue(tasks.hang_once)
    worker = start("--pool", pool, "--concurrency", "1", GRACE="0.5")
    assert line(worker) == "started"
    worker.terminate()
    assert worker.wait(SECONDS) == 1
    assert "GRACEFUL_SHUTDOWN" in wait_for_line(worker, "took longer")
    assert outcomes(start(), 2) == [("hang_once", 1, "worker_lost"), ("hang_once", 2, "succeeded")]


def test_what_is_not_due_yet_was_not_tried_by_the_worker_that_holds_it(start, enqueue):
    later = tasks.take.using(run_after=timezone.now() + timedelta(seconds=15))
    enqueue(later, 0)
    holder = start()
    wait_for_line(holder, "looking for tasks")
    holder.terminate()
    assert_success(holder)
    heir = start()
    assert outcomes(heir, 1) == [("take", 1, "succeeded")]
    assert timezone.now() >= later.run_after


@pytest.mark.each_broker
def test_a_worker_comes_back_to_a_broker_that_was_away(start, enqueue, proxy):
    worker = start(BROKER_URL=proxy.url)
    wait_for_line(worker, "looking for tasks")
    proxy.toxics.down = True
    proxy.close_all()
    wait_for_line(worker, "Trying again in")
    proxy.toxics.down = False
    enqueue(tasks.take, 0)
    assert outcomes(worker, 1) == [("take", 1, "succeeded")]


def test_a_worker_without_a_broker_says_so_once_and_waits(start):
    worker = start(BROKER_URL="amqp://guest:secret@127.0.0.1:1//")
    said = wait_for_line(worker, "no broker answers")
    assert "amqp://guest:**@127.0.0.1:1//, waiting for it" in said
    assert "start one, or set BROKER_URL" in said
    worker.terminate()
    assert_success(worker)
