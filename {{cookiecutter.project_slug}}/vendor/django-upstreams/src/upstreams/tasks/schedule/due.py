"""Enqueue periodic tasks. Every worker tries, whatever its backend is; the database lets one of them do it."""

import logging
from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from upstreams.tasks.schedule.models import NEVER, Scheduled

logger = logging.getLogger(__name__)


def enqueue_due(schedule: Mapping[str, float]) -> None:
    """Enqueue the tasks whose interval has passed; log those that cannot be enqueued.

    Args:
        schedule: dotted path -> seconds.

    Raises:
        DatabaseError: the database cannot be used.
    """
    Scheduled.objects.bulk_create([Scheduled(task=path) for path in schedule], ignore_conflicts=True)
    for path, seconds in schedule.items():
        try:
            _enqueue_if_due(path, seconds)
        except Exception:
            logger.exception("periodic task %s cannot be enqueued; trying again", path)
            Scheduled.objects.filter(task=path).update(last=NEVER)


def _enqueue_if_due(path: str, seconds: float) -> None:
    # Without an outbox, a broker gets the task after the commit: if the worker is killed in between, this run is skipped.
    with transaction.atomic():
        due = Scheduled.objects.filter(task=path, last__lte=Now() - timedelta(seconds=seconds))
        if due.update(last=Now()):
            import_string(path).enqueue()
