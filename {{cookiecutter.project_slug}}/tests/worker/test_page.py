"""What a worker with a port answers. Real processes."""

import signal
import socket
import subprocess
import sys

import pytest

from testing.own_database import migrate
from tests.processes import SECONDS, free_port
from tests.worker import settings as quick
from tests.worker.page import TOKEN
from worker.run import Worker

pytestmark = pytest.mark.processes


def test_those_with_the_token_see_the_metrics(queue, answering, environment):
    environment["METRICS_TOKEN"] = TOKEN
    queue("enqueue", "call", "[]", "2")
    answering().shows(
        'task_attempts_total{outcome="succeeded",task="tests.worker.tasks.call"} 2.0',
        'task_wait_seconds_count{queue="default"} 2.0',
        'tasks_queued{queue="default"} 0.0',
        'tasks_running{task="tests.worker.tasks.call"} 0.0',
        'upstream_calls_total{alias="quotes",outcome="ok"} 2.0',
        'upstream_connections{alias="quotes",state="idle"} 1.0',
    )


@pytest.mark.parametrize("path", ["/metrics", "/"])
def test_others_see_nothing(answering, environment, path):
    environment["METRICS_TOKEN"] = f"not-{TOKEN}"
    worker = answering()
    worker.comes_to("/livez", 200)
    assert worker.get(path) == (404, b"")


def test_it_is_ready_when_it_can_use_its_database(answering, environment):
    migrate(environment, "worker", "zero")
    worker = answering()
    assert worker.comes_to("/livez", 200) == b"alive\n"
    assert worker.comes_to("/readyz", 503) == b"not ready\n"
    migrate(environment)
    assert worker.comes_to("/readyz", 200) == b"ready\n"


def test_a_worker_that_was_told_to_stop_is_not_ready(settings):
    settings.TASKS = quick.TASKS
    worker = Worker(batch=False)
    worker._keeper.reaches_database = True
    assert worker.is_ready()
    worker.shutdown(signal.SIGTERM, None)
    assert not worker.is_ready()


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
    assert line.endswith("; choose another with --port")


def test_of_two_workers_one_enqueues_what_recurs(answering, results, environment):
    environment["RECURS"] = "tests.worker.tasks.recur"
    workers = answering(), answering()
    assert [worker.comes_to("/readyz", 200) for worker in workers] == [b"ready\n"] * 2
    assert [worker.ends() for worker in workers] == [0, 0]
    assert len(results()) == 1
