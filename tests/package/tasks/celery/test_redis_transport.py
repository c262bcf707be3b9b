"""On Redis, a message goes from its queue to the messages that are not acknowledged in one step."""

import os
import signal

import pytest
from celery import Celery
from testproject.workers import tasks

from tasks.celery.conftest import kill
from tasks.log_lines import line, outcomes, wait_for_line

pytestmark = [
    pytest.mark.processes,
    pytest.mark.each_broker,
    pytest.mark.parametrize("broker_url", ["redis"], indirect=True),
]


def test_a_worker_that_is_killed_before_it_reads_a_message_loses_nothing(start, enqueue):
    worker = start()
    enqueue(tasks.take, 0)
    assert outcomes(worker, 1) == [("take", 1, "succeeded")]
    os.kill(worker.pid, signal.SIGSTOP)  # it has asked for the next message already
    enqueue(tasks.call)
    kill(worker)
    assert wait_for_line(start(), "tasks.call: succeeded")


def test_a_message_of_another_program_wakes_no_worker_and_is_taken(start, broker_url, prefix):
    worker = start()
    wait_for_line(worker, "looking for tasks")
    app = Celery(broker=broker_url, set_as_current=False, fixups=[])
    app.conf.broker_transport_options = {"global_keyprefix": prefix}
    with app.connection_for_write() as connection:
        app.send_task(
            "testproject.workers.shared.add", (1, 2), queue=f"{prefix}default", connection=connection
        )
    assert line(worker) == "1 + 2 = 3"


def test_the_message_of_the_highest_priority_is_the_first(start, enqueue):
    enqueue(tasks.recur.using(priority=-100))
    enqueue(tasks.take, 0)
    enqueue(tasks.call.using(priority=100))
    assert [name for name, _, _ in outcomes(start("--concurrency", "1"), 3)] == ["call", "take", "recur"]
