"""Who holds a task, from the moment a worker claims it."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db.models.functions import Now
from django.db.models.signals import post_save
from django.dispatch import receiver
from django_tasks_db.models import DBTaskResult

from worker.models import Attempt, Lease


@receiver(post_save, sender=DBTaskResult)
def claimed(instance: Any, update_fields: Collection[str] | None, **_: Any) -> None:
    """Write a lease in the transaction that claims the task: `claim` alone saves `worker_ids`."""
    if update_fields is not None and "worker_ids" in update_fields:
        backend = Attempt(backend_name=instance.backend_name).backend
        until = Now() + timedelta(seconds=backend.lease)
        Lease.objects.update_or_create(
            task_id=instance.pk, defaults={"attempt": len(instance.worker_ids), "until": until}
        )


def reap() -> None:
    """Have the tasks of dead workers run again, or fail visibly."""
    for attempt in Attempt.objects.filter(lease__until__lt=Now()):
        attempt.take_from_the_dead()
