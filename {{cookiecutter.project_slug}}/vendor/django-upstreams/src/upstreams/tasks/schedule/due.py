"""Enqueue periodic tasks. Every worker tries, whatever its backend is; the database lets one of them do it."""

import logging
from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from upstreams.tasks.schedule.models import Scheduled

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


def _enqueue_if_due(path: str, seconds: float) -> None:
    # Enqueued before the commit: if that fails, the task runs once more, rather than never.
    with transaction.atomic():
        due = Scheduled.objects.filter(task=path, last__lte=Now() - timedelta(seconds=seconds))
        if due.update(last=Now()):
            import_string(path).enqueue()
