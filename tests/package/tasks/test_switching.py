"""A project changes its queue by its settings and an extra, and loses no task that waits. Real processes.

From the database to Celery:

1. Install the extra `celery`, add "upstreams.tasks.celery" to INSTALLED_APPS, migrate.
2. Make the broker the default, and keep the database under another alias::

       TASKS = {
           "default": {"BACKEND": "upstreams.tasks.celery.CeleryBackend", "OPTIONS": {"URL": env.broker_url}},
           "old": {
               "BACKEND": "upstreams.tasks.database.DatabaseBackend",
               "OPTIONS": {"ENQUEUED_AS": "default"},  # rows name the alias that they were enqueued under
           },
       }

3. Deploy `manage.py worker` and, beside it, `manage.py worker --backend old`.
4. When `manage.py worker --backend old --batch` logs that 0 tasks wait, stop the old worker, remove "old", and, if you
   want, the apps of the database queue: first `migrate upstreams_tasks_database zero` and `migrate
   django_tasks_database zero`, which drop the tables.

And back: the same with the aliases exchanged (a broker needs no ENQUEUED_AS). The old worker has nothing left to do
when its metrics `tasks_queued` and `tasks_running` are 0, and no task was to be delayed for longer than that lasts.
"""

import signal

import pytest
from django.tasks import task_backends
from django.tasks.exceptions import InvalidTask
from testproject.processes import SECONDS
from testproject.workers import tasks
from upstreams.tasks.celery.backend import CeleryBackend
from upstreams.testing.own_database import migrate

from tasks.log_lines import line, outcomes, wait_for_line

DATABASE, TO_CELERY, CELERY, TO_DATABASE = (
    {"STAGE": stage} for stage in ("database", "to celery", "celery", "to database")
)


@pytest.fixture
def environment(environment, broker_url, prefix, tmp_path):
    return environment | {
        "DJANGO_SETTINGS_MODULE": "testproject.workers.switching",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'switching.sqlite3'}",  # with no table yet
        "BROKER_URL": broker_url,
        "BROKER_PREFIX": prefix,
    }


@pytest.fixture
def queued(broker_url, prefix):
    """The number of messages in the broker."""
    backend = CeleryBackend("default", {"OPTIONS": {"URL": broker_url, "PREFIX": prefix}})
    yield lambda: backend.broker.queued()["default"]
    backend.broker.close()


@pytest.mark.processes
def test_from_the_database_to_celery(environment, queue, start, queued):
    migrate(environment | DATABASE)
    queue("enqueue_all", '[["die_once", []], ["take", [0]], ["take", [0]], ["fail_twice", []]]', **DATABASE)
    queue("enqueue_later", "take", "[0]", "10", **DATABASE)
    assert (
        start(**DATABASE).wait(SECONDS) == -signal.SIGKILL
    )  # the first task is in the hands of a dead worker

    migrate(environment | TO_CELERY)
    queue("enqueue", "recur", "[]", "1", **TO_CELERY)
    assert queued() == 1
    new, old = start(**TO_CELERY), start("--backend", "old", **TO_CELERY)
    assert outcomes(new, 1) == [("recur", 1, "succeeded")]
    assert succeeded(outcomes(old, 8)) == ["die_once", "fail_twice", "take", "take", "take"]
    batch = start("--backend", "old", "--batch", **TO_CELERY)
    assert "no task is due; 0 wait" in wait_for_line(batch, "no task is due")
    stop(new, old)

    only = start(**CELERY)
    wait_for_line(only, "looking for tasks")
    stop(only)


@pytest.mark.processes
def test_and_back(environment, queue, start, results, queued):
    migrate(environment | CELERY)
    queue("enqueue_all", '[["die_once", []], ["recur", []], ["recur", []], ["fail_twice", []]]', **CELERY)
    assert start("--concurrency", "1", **CELERY).wait(SECONDS) == -signal.SIGKILL

    migrate(environment | TO_DATABASE)
    queue("enqueue", "take", "[0]", "1", **TO_DATABASE)
    new, old = start(**TO_DATABASE), start("--backend", "old", **TO_DATABASE)
    assert [line(new), line(new)] == ["started", "ended"]
    assert succeeded(outcomes(old, 7)) == ["die_once", "fail_twice", "recur", "recur"]
    assert queued() == 0
    stop(new, old)

    assert [one["status"] for one in results(**DATABASE)] == ["SUCCESSFUL"]


def succeeded(ended):
    return sorted(name for name, _, outcome in ended if outcome == "succeeded")


def stop(*workers):
    for worker in workers:
        worker.terminate()
    assert [worker.wait(SECONDS) for worker in workers] == [0] * len(workers)


def test_a_backend_that_is_only_emptied_takes_no_new_task(settings):
    settings.TASKS = {
        "old": {
            "BACKEND": "upstreams.tasks.database.DatabaseBackend",
            "OPTIONS": {"ENQUEUED_AS": "default"},
        }
    }
    with pytest.raises(InvalidTask, match=r'^TASKS\["old"\]: takes no new task, because of its option ENQ'):
        task_backends["old"].enqueue(tasks.call, (), {})


async def test_nor_does_it_from_async_code(settings):
    settings.TASKS = {
        "old": {
            "BACKEND": "upstreams.tasks.database.DatabaseBackend",
            "OPTIONS": {"ENQUEUED_AS": "default"},
        }
    }
    with pytest.raises(InvalidTask, match="takes no new task"):
        await task_backends["old"].aenqueue(tasks.call, (), {})
