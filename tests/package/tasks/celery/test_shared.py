"""`@shared_task`, `delay` and beat work through the worker of `manage.py worker`. Real brokers and processes."""

import json
import subprocess
import sys

import pytest
from celery.exceptions import QueueNotFound
from django.test import override_settings
from testproject.processes import SECONDS
from testproject.workers import shared
from upstreams.tasks.celery.backend import CeleryBackend

from tasks.log_lines import line, wait_for_line

pytestmark = pytest.mark.processes


@pytest.fixture
def run(environment):
    """Runs Python in a process that has set up Django and nothing else."""

    def run(code, **env):
        command = [sys.executable, "-W", "ignore", "-c", f"import django; django.setup()\n{code}"]
        return subprocess.run(
            command, env=environment | env, check=True, capture_output=True, timeout=SECONDS, text=True
        )

    return run


def test_delay_reaches_the_worker_of_the_project(start, run):
    run("from testproject.workers.shared import add; add.delay(1, 2)")
    worker = start()
    assert line(worker) == "1 + 2 = 3"
    assert "testproject.workers.shared.add" in wait_for_line(worker, "succeeded")


def test_both_kinds_of_task_share_the_queue(start, run):
    run("from testproject.workers import shared, tasks; tasks.take.enqueue(0); shared.add.delay(1, 2)")
    worker = start("--concurrency", "1")
    assert [line(worker) for _ in range(3)] == ["started", "ended", "1 + 2 = 3"]
    worker.terminate()
    lines = worker.stderr.readlines()
    assert [sum(name in line for line in lines) for name in ("tasks.take", "shared.add")] == [1, 1]


def test_a_task_calls_an_upstream_and_the_database(start, run):
    run("from testproject.workers.shared import *; call.delay(); count_groups.delay()")
    worker = start("--concurrency", "1")
    assert [line(worker), line(worker)] == ["one pool", "groups: 0"]


def test_a_task_that_raises_is_retried_as_celery_does(start, run):
    run("from testproject.workers.shared import fail_once; fail_once.delay()")
    worker = start()
    assert [line(worker), line(worker)] == ["retries: 0", "retries: 1"]


def test_a_task_whose_process_dies_is_run_again(start, run):
    run("from testproject.workers.shared import die_once; die_once.delay()")
    worker = start("--pool", "prefork", "--concurrency", "1")
    assert [line(worker), line(worker)] == ["started", "started"]


def test_a_countdown_needs_no_worker_that_prepared_it(start, run):
    run("from testproject.workers.shared import add; add.apply_async((1, 2), countdown=1)")
    assert line(start()) == "1 + 2 = 3"


def test_beat_sends_what_is_due(start, environment, tmp_path):
    command = [sys.executable, "-W", "ignore", "-m", "celery", "-A", "testproject.workers.app", "beat"]
    schedule = ["--schedule", str(tmp_path / "schedule"), "--pidfile", ""]
    beat = subprocess.Popen(
        [*command, *schedule], env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        assert line(start()) == "1 + 2 = 3"
    finally:
        beat.terminate()
        beat.wait(SECONDS)


def test_the_worker_of_celerys_command_line_is_refused(environment):
    command = [sys.executable, "-W", "ignore", "-m", "celery", "-A", "testproject.workers.app", "worker"]
    done = subprocess.run(
        command, check=False, env=environment, capture_output=True, timeout=SECONDS, text=True
    )
    assert done.returncode
    assert "run `python manage.py worker`, which runs both kinds" in done.stderr
    assert "Traceback" not in done.stderr


def test_workers_answer_to_flower(start, run):
    worker = start(EVENTS="1")
    wait_for_line(worker, "looking for tasks")
    code = "from testproject.workers.app import app; import json; print(json.dumps(app.control.ping(timeout=5, limit=1)))"
    [answer] = json.loads(run(code, EVENTS="1").stdout)
    assert list(answer.values()) == [{"ok": "pong"}]


def test_a_queue_without_a_worker_is_refused(backend):
    report = backend.broker.app.tasks[shared.add.name]
    with pytest.raises(QueueNotFound, match="reports"):
        report.apply_async((1, 2), queue="reports")


@override_settings(CELERY_BROKER_URL="redis://elsewhere")
def test_settings_that_follow_from_tasks_are_refused():
    backend = CeleryBackend("default", {"OPTIONS": {"URL": "amqp://nowhere.test//"}})
    [error] = [error for error in backend.check() if error.id == "upstreams.E034"]
    assert error.msg == 'TASKS["default"]: CELERY_BROKER_URL follows from it: write it as URL'


def test_an_async_task_is_refused(run):
    code = """
from celery import shared_task
from upstreams.tasks.celery.shared import backend

@shared_task(name="late")
async def late(): ...

print(*(error.msg for error in backend().check() if error.id == "upstreams.E035"))
"""
    assert run(code).stdout == (
        'TASKS["default"]: late is async, and Celery cannot run it: use @task of django.tasks, or a def with '
        "async_to_sync\n"
    )
