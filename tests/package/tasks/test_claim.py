"""Which task is claimed next, and that an index leads to it past everything that waits for later."""

from datetime import timedelta

import pytest
from django.db import connection
from django.tasks import TaskResultStatus
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max
from upstreams.tasks.database.claim import claim_next

from tasks.plans import explained

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def put(name, *, priority=0, run_after=None, count=1, **fields):
    """Tasks in the table; `run_after` is relative to now."""
    when = get_date_max() if run_after is None else timezone.now() + run_after
    fields = {"backend_name": "default", "status": TaskResultStatus.READY, **fields}
    DBTaskResult.objects.bulk_create(
        DBTaskResult(task_path=name, priority=priority, run_after=when, args_kwargs={}, **fields)
        for _ in range(count)
    )


def claimed():
    """The names of all tasks that are due, in the order of their claims."""
    names = []
    while (task := claim_next("default", "a worker")) is not None:
        assert (task.status, task.worker_ids) == (TaskResultStatus.RUNNING, ["a worker"])
        names.append(task.task_path)
    return names


def test_tasks_are_claimed_by_priority_then_by_the_time_they_became_due_then_by_age():
    for name in ("older", "younger"):
        put(name)
    put("due", run_after=-MINUTE)
    put("long due", run_after=-2 * MINUTE)
    put("urgent", priority=5)
    put("unimportant", priority=-5, run_after=-3 * MINUTE)
    assert claimed() == ["urgent", "long due", "due", "older", "younger", "unimportant"]


def test_only_tasks_of_the_backend_that_are_due_are_claimed():
    put("later", run_after=MINUTE, priority=9)
    put("of another", backend_name="another")
    put("done", status=TaskResultStatus.SUCCESSFUL)
    put("now")
    assert claimed() == ["now"]


def test_each_query_reads_one_entry_of_the_index_also_with_stale_statistics():
    # What the database knows about the table: everything in it has ended.
    put("done", count=300, status=TaskResultStatus.SUCCESSFUL, finished_at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    put("later", run_after=MINUTE, count=300)
    put("later", run_after=MINUTE, count=300, priority=7)
    put("now")
    with CaptureQueriesContext(connection) as queries:
        assert claimed() == ["now"]
    selects = [query["sql"] for query in queries if query["sql"].startswith("SELECT")]
    looks = [sql for sql in selects if 'FROM "django_tasks_database_dbtaskresult"' in sql]
    # For both priorities: which it is, what is due, what is not deferred. The same after the claim, and no third priority.
    assert len(looks) == 13
    for sql in looks:
        plan = explained(sql)
        # On SQLite the library's index would do, too: it is not partial there.
        assert ("upstreams_claim" if connection.vendor == "postgresql" else "SEARCH") in plan
        assert not [word for word in ("Sort", "Aggregate", "Seq Scan", "TEMP B-TREE") if word in plan], plan
