"""One periodic task deletes what both queues keep."""

from datetime import timedelta

import pytest
from django.db import connection
from django.tasks import TaskResultStatus
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from upstreams.core import deletion
from upstreams.tasks.celery.models import Failed
from upstreams.tasks.prune import prune

from tasks.plans import explained

DATABASE = {"BACKEND": "upstreams.tasks.database.DatabaseBackend"}
CELERY = {"BACKEND": "upstreams.tasks.celery.CeleryBackend"}
OLD, YOUNG = timedelta(days=15), timedelta(days=13)

pytestmark = pytest.mark.django_db


@pytest.fixture
def results():
    """A row of the database queue for each alias and age; returns the ages that are left."""

    def results(*rows, status=TaskResultStatus.SUCCESSFUL):
        for alias, age in rows:
            ended = timezone.now() - age
            DBTaskResult.objects.create(
                backend_name=alias, status=status, finished_at=ended, run_after=ended, args_kwargs={}
            )

    return results


def ages():
    return [
        round((timezone.now() - row.finished_at) / timedelta(days=1)) for row in DBTaskResult.objects.all()
    ]


@pytest.fixture
def failed():
    for number, age in enumerate((OLD, YOUNG)):
        key = f"00000000-0000-0000-0000-00000000000{number}"
        Failed.objects.create(id=key, path="a", backend="default", message={}, error="e", traceback="t")
        Failed.objects.filter(id=key).update(at=timezone.now() - age)


@pytest.mark.parametrize("status", [TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED])
def test_the_database_queue_keeps_results_for_14_days(settings, results, status):
    settings.TASKS = {"default": DATABASE}
    results(("default", OLD), ("default", YOUNG), ("another", OLD), status=status)
    prune.call()
    assert sorted(ages()) == [13, 15]
    assert DBTaskResult.objects.filter(backend_name="another").count() == 1


def test_what_waits_is_never_deleted(settings, results):
    settings.TASKS = {"default": DATABASE}
    results(("default", OLD), status=TaskResultStatus.READY)
    prune.call()
    assert ages() == [15]


def test_celery_keeps_failed_tasks_for_14_days(settings, failed):
    settings.TASKS = {"default": CELERY}
    prune.call()
    assert Failed.objects.count() == 1


def test_both_queues_of_a_project_that_changes_are_pruned(settings, results, failed):
    settings.TASKS = {"default": CELERY, "old": {**DATABASE, "OPTIONS": {"ENQUEUED_AS": "default"}}}
    results(("default", OLD), ("default", YOUNG))
    prune.call()
    assert (ages(), Failed.objects.count()) == ([13], 1)


def test_rows_are_deleted_in_batches_by_their_keys_alone(settings, results, monkeypatch):
    settings.TASKS = {"default": DATABASE}
    monkeypatch.setattr(deletion, "BATCH_SIZE", 2)
    results(*[("default", OLD)] * 5, ("default", YOUNG))
    with CaptureQueriesContext(connection) as queries:
        prune.call()
    assert ages() == [13]
    statements = [query["sql"] for query in queries if '"django_tasks_database_dbtaskresult"' in query["sql"]]
    assert sum(sql.startswith("DELETE") for sql in statements) == 3
    assert not [sql for sql in statements if "args_kwargs" in sql or "return_value" in sql]
    assert "upstreams_prune" in explained(statements[0])
