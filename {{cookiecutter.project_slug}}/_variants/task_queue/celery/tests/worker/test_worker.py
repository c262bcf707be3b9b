"""Tasks survive what happens to their workers. Real brokers, real processes, real signals."""

import json

import pytest

from tests.worker import tasks
from tests.worker.conftest import kill

pytestmark = pytest.mark.processes

SECONDS = 60
POOLS = pytest.mark.parametrize("pool", ["threads", "prefork"])


def line(process):
    return process.stdout.readline().split()


def until_said(process, word):
    return next(line for line in process.stderr if word in line)


def outcomes(process, count):
    """Of the next attempts: which task, which attempt, what became of it."""
    said = (json.loads(line) for line in process.stderr if '"outcome"' in line)
    found = [next(said) for _ in range(count)]
    return [(one["task"].rpartition(".")[2], one["attempt"], one["outcome"]) for one in found]


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
    assert line(worker)[0] == "started"
    kill(worker)
    heir = start("--pool", pool)
    assert outcomes(heir, 2) == [("take", 1, "lost"), ("take", 2, "succeeded")]


def test_a_process_of_the_pool_that_is_killed_loses_nothing(start, enqueue):
    enqueue(tasks.die_once)
    worker = start("--pool", "prefork", "--concurrency", "1")
    assert outcomes(worker, 2) == [("die_once", 1, "lost"), ("die_once", 2, "succeeded")]
