"""What a worker with a port answers. Real processes."""

import socket
import subprocess
import sys

import pytest
from testproject.processes import SECONDS, free_port
from testproject.workers import tasks
from testproject.workers.page import TOKEN

pytestmark = pytest.mark.processes


def test_those_with_the_token_see_the_metrics(enqueue, answering, environment):
    environment["METRICS_TOKEN"] = TOKEN
    enqueue(tasks.call)
    enqueue(tasks.call)
    answering("--concurrency", "1").shows(
        'task_attempts_total{outcome="succeeded",task="testproject.workers.tasks.call"} 2.0',
        'task_wait_seconds_count{queue="default"} 2.0',
        'tasks_queued{queue="default"} 0.0',
        'tasks_running{task="testproject.workers.tasks.call"} 0.0',
        'upstream_calls_total{alias="quotes",outcome="ok"} 2.0',
        'upstream_connections{alias="quotes",state="idle"} 1.0',
    )


def test_of_two_workers_one_enqueues_what_recurs(answering, environment, backend):
    environment["RECURS"] = "testproject.workers.tasks.recur"
    workers = answering(), answering()
    assert [worker.comes_to("/readyz", 200) for worker in workers] == [b"ready\n"] * 2
    assert [worker.ends() for worker in workers] == [0, 0]
    ran = [line for worker in workers for line in worker.process.stderr if '"outcome"' in line]
    assert len(ran) + backend.broker.queued()["default"] == 1


def test_it_is_ready_only_with_a_broker(answering, environment):
    environment["BROKER_URL"] = "amqp://127.0.0.1:1//"
    worker = answering()
    assert worker.comes_to("/livez", 200) == b"alive\n"
    assert worker.comes_to("/readyz", 503) == b"not ready\n"


def test_a_port_that_is_taken_is_one_line(environment):
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        command = [sys.executable, "manage.py", "worker", "--port", str(port)]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port} (" in line
