"""What a worker with a port answers. Real processes."""

import signal
import socket
import subprocess
import sys

import pytest
from django.tasks import task_backends
from testproject.processes import SECONDS, free_port
from testproject.workers import settings as quick
from testproject.workers.page import TOKEN
from upstreams.testing.own_database import migrate

pytestmark = pytest.mark.processes


def test_those_with_the_token_see_the_metrics(queue, answering, environment):
    environment["METRICS_TOKEN"] = TOKEN
    queue("enqueue", "call", "[]", "2")
    answering().shows(
        'task_attempts_total{outcome="succeeded",task="testproject.workers.tasks.call"} 2.0',
        'task_wait_seconds_count{queue="default"} 2.0',
        'tasks_queued{queue="default"} 0.0',
        'tasks_running{task="testproject.workers.tasks.call"} 0.0',
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
    migrate(environment, "upstreams_tasks_database", "zero")
    worker = answering()
    assert worker.comes_to("/livez", 200) == b"alive\n"
    assert worker.comes_to("/readyz", 503) == b"not ready\n"
    migrate(environment)
    assert worker.comes_to("/readyz", 200) == b"ready\n"


def test_a_worker_that_was_asked_to_stop_is_not_ready(settings):
    settings.TASKS = quick.TASKS
    worker = task_backends["default"].make_worker(batch=False, pool=None, concurrency=None)
    worker._heartbeat.reaches_database = True
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
    environment["RECURS"] = "testproject.workers.tasks.recur"
    workers = answering(), answering()
    assert [worker.comes_to("/readyz", 200) for worker in workers] == [b"ready\n"] * 2
    assert [worker.ends() for worker in workers] == [0, 0]
    assert len(results()) == 1
