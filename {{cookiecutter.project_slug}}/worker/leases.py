"""What is written in the same moment as a task: where it comes from, and, when a worker claims it, who holds it."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db.models.functions import Now
from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver
from django_tasks_db.models import DBTaskResult

from worker.models import ORIGIN, Attempt, Lease
from worker.origin import carried


@receiver(pre_save, sender=DBTaskResult)
def stored(instance: Any, **_: Any) -> None:
    """Write the origin beside the arguments, of which django-tasks-db reads the two keys it knows."""
    if instance._state.adding and (origin := carried()):
        instance.args_kwargs[ORIGIN] = origin


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
