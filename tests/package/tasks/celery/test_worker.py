"""Tasks survive what happens to their workers. Real brokers, real processes, real signals."""

import signal
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from testproject.processes import SECONDS
from testproject.workers import tasks
from upstreams.tasks.celery.app import TASK_NAME
from upstreams.testing.proxy import Proxy

from tasks.celery.conftest import kill
from tasks.log_lines import (
    assert_success,
    attempts,
    line,
    outcomes,
    wait_for_line,
)

pytestmark = pytest.mark.processes
POOLS = pytest.mark.parametrize("pool", ["threads", "prefork"])


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
    assert_success(worker)


def test_threads_share_the_connections_of_their_process(start, enqueue, loopback):
    for _ in range(50):
        enqueue(tasks.call)
    worker = start("--concurrency", "4")
    assert outcomes(worker, 50) == [("call", 1, "succeeded")] * 50
    assert loopback.accepted <= 4


class CuttingProxy(Proxy):
    """Cuts the first connection under a message for a worker."""

    has_cut = False

    async def _back_to_caller(self, reader, writer):
        while data := await reader.read(65536):
            if TASK_NAME.encode() in data and not self.has_cut:
                self.has_cut = True
                return
            writer.write(data)


@pytest.mark.each_broker
def test_a_connection_that_is_cut_under_a_message_loses_nothing(start, enqueue, broker_url):
    url = urlsplit(broker_url)
    with CuttingProxy(url.hostname, url.port) as proxy:
        worker = start(BROKER_URL=broker_url.replace(f":{url.port}", f":{urlsplit(proxy.url).port}"))
        wait_for_line(worker, "looking for tasks")
        enqueue(tasks.take, 0)
        wait_for_line(worker, "succeeded")
        assert proxy.has_cut


@pytest.mark.each_broker
@POOLS
def test_a_worker_that_is_killed_loses_nothing(start, enqueue, pool):
    enqueue(tasks.take, 1)
    worker = start("--pool", pool)
    assert line(worker) == "started"
    kill(worker)
    heir = start("--pool", pool)
    assert outcomes(heir, 2) == [("take", 1, "worker_lost"), ("take", 2, "succeeded")]


@pytest.mark.each_broker
def test_a_process_of_the_pool_that_is_killed_loses_nothing(start, enqueue):
    enqueue(tasks.die_once)
    worker = start("--pool", "prefork", "--concurrency", "1")
    assert outcomes(worker, 2) == [("die_once", 1, "worker_lost"), ("die_once", 2, "succeeded")]


def test_a_task_that_exceeds_celerys_time_limit_is_retried(start, enqueue):
    enqueue(tasks.hang_once)
    worker = start("--pool", "prefork", "--concurrency", "1", TIME_LIMIT="1")
    assert outcomes(worker, 2) == [("hang_once", 1, "worker_lost"), ("hang_once", 2, "succeeded")]


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
        ("die", 1, "worker_lost"),
        ("die", 2, "worker_lost"),
        ("die", 3, "failed"),
        ("take", 1, "succeeded"),
    ]
    assert [path for path, _ in failed()] == ["die"]


@pytest.mark.each_broker
def test_a_task_that_fails_is_tried_again_under_the_same_id(start, enqueue):
    result = enqueue(tasks.fail_twice)
    logged = attempts(start(), 3)
    assert [one["outcome"] for one in logged] == ["retried", "retried", "succeeded"]
    assert [(one["attempt"], one["task_id"]) for one in logged] == [(n, result.id) for n in (1, 2, 3)]


@POOLS
def test_what_tasks_leave_in_cycles_is_collected_before_the_process_has_grown_much(start, enqueue, pool):
    for _ in range(60):
        enqueue(tasks.leave_cycle, 5)
    enqueue(tasks.say_peak)
    assert int(line(start("--pool", pool, "--concurrency", "1"))) < 250


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


def test_errors_that_cannot_be_written_down_lose_no_task(start, enqueue, failed):
    for kind in ("nul", "surrogate", "str", "repr", "recursion", "digits"):
        enqueue(tasks.fail_unwritably, kind)
    for kind in ("nul", "surrogate", "infinity"):
        enqueue(tasks.return_unwritably, kind)
    assert sorted(outcome for _, _, outcome in outcomes(start(), 27)) == ["failed"] * 9 + ["retried"] * 18
    assert sorted(path for path, _ in failed()) == ["fail_unwritably"] * 6 + ["return_unwritably"] * 3


def test_a_wait_without_an_end_is_a_day(start, enqueue):
    for kind in ("retry_after", "infinity"):
        enqueue(tasks.fail_unwritably, kind)
    worker = start()
    for _ in range(2):
        assert "retrying in 8.64e+04 s" in wait_for_line(worker, '"outcome"')


@pytest.mark.each_broker
def test_a_slow_task_is_not_taken_for_a_dead_one(start, enqueue):
    enqueue(tasks.take, 8)
    slow = start()
    assert line(slow) == "started"
    other = start()
    wait_for_line(other, "looking for tasks")
    assert outcomes(slow, 1) == [("take", 1, "succeeded")]
    other.terminate()
    assert_success(other)
    assert other.stdout.read().split("\n")[0] == ""


@pytest.mark.each_broker
def test_a_frozen_worker_is_taken_for_a_dead_one(start, enqueue):
    enqueue(tasks.freeze_once)
    frozen = start()
    assert line(frozen) == "frozen"
    assert outcomes(start(), 2) == [("freeze_once", 1, "worker_lost"), ("freeze_once", 2, "succeeded")]
