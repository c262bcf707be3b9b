"""Claim the next task with queries that an index serves, however many tasks are not due yet."""

from typing import Any

from django.tasks import TaskResultStatus
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max
from django_tasks_db.utils import exclusive_transaction


def claim_next(enqueued_as: str, worker_id: str) -> "DBTaskResult[..., Any] | None":
    """Claim the task that is due and comes first: by priority, then by `run_after`, then by age.

    Args:
        enqueued_as: the alias of the tasks.
        worker_id: the worker that claims it.

    Returns:
        The task, or None if none is due.

    Raises:
        DatabaseError: the database cannot be used.
    """
    ready = DBTaskResult.objects.filter(backend_name=enqueued_as, status=TaskResultStatus.READY)
    # Private: exclusive_transaction and get_date_max (django-tasks-db 0.13). The first locks SQLite's file, the second
    # is stored where a task has no run_after. tasks/test_claim.py runs both.
    with exclusive_transaction(ready.db):
        now, no_run_after = timezone.now(), get_date_max()
        # Each query reads one entry of the index `upstreams_claim`, whatever PostgreSQL knows about the table. The
        # library's one query for all tasks reads each that waits for later, and so may a query for the highest priority
        # that is no query for the first row.
        priorities = ready.order_by("-priority").values_list("priority", flat=True)
        priority = priorities.first()
        while priority is not None:
            alike = ready.filter(priority=priority)
            for due in (alike.filter(run_after__lte=now), alike.filter(run_after=no_run_after)):
                first = due.order_by("run_after", "enqueued_at").select_for_update(skip_locked=True).first()
                if first is not None:
                    first.claim(worker_id)
                    return first
            priority = priorities.filter(priority__lt=priority).first()
    return None
