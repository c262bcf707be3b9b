"""Enqueues the tasks that recur. Every worker looks, whatever its backend is; the database lets one of them do it."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from worker.schedule.models import Scheduled

logger = logging.getLogger(__name__)


def enqueue_due() -> None:
    """Enqueue what is due; to be called every few seconds.

    Raises:
        DatabaseError: the database cannot be used.
    """
    Scheduled.objects.bulk_create([Scheduled(task=path) for path in settings.SCHEDULE], ignore_conflicts=True)
    for path, seconds in settings.SCHEDULE.items():
        try:
            _enqueue_if_due(path, seconds)
        except Exception:
            logger.exception("scheduled %s cannot be enqueued, which is tried again", path)


def _enqueue_if_due(path: str, seconds: float) -> None:
    # Enqueued before the commit, and if that fails once more, rather than never.
    with transaction.atomic():
        due = Scheduled.objects.filter(task=path, last__lte=Now() - timedelta(seconds=seconds))
        if due.update(last=Now()):
            import_string(path).enqueue()
