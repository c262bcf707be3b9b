"""Rows written in the same transaction as a task's: its carrier, and the lease of the worker that claims it.

The app connects these receivers to the signals of django-tasks-db's model.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db.models.functions import Now

from upstreams.tasks.database.backend import find_backend
from upstreams.tasks.database.models import CARRIER, ClaimedTask, Lease
from upstreams.tasks.propagation import inject


def add_carrier(instance: Any, **_: Any) -> None:
    """Store the carrier of a new task beside its arguments."""
    # Private: the layout of DBTaskResult.args_kwargs (django-tasks-db 0.13), of which it reads the keys "args" and
    # "kwargs" only. telemetry/test_task_attempts.py reads a result that has a carrier.
    if instance._state.adding and (carrier := inject()):
        instance.args_kwargs[CARRIER] = carrier


def add_lease(instance: Any, update_fields: Collection[str] | None, **_: Any) -> None:
    """Store a lease in the transaction that claims the task."""
    # Private: only DBTaskResult.claim (django-tasks-db 0.13) saves `worker_ids`. If it stops doing so, killed workers
    # lose their tasks: tasks/test_worker.py.
    if update_fields is None or "worker_ids" not in update_fields:
        return
    if backend := find_backend(instance.backend_name):
        until = Now() + timedelta(seconds=backend.lease)
        Lease.objects.update_or_create(
            task_id=instance.pk, defaults={"attempt": len(instance.worker_ids), "until": until}
        )


def recover_lost_tasks(enqueued_as: str) -> None:
    """Let the tasks of dead workers run again, or fail.

    Args:
        enqueued_as: the alias of the tasks.
    """
    for claimed in ClaimedTask.objects.filter(backend_name=enqueued_as, lease__until__lt=Now()):
        claimed.recover()
