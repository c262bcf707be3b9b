"""The worker's own tasks."""

from datetime import timedelta

from django.tasks import task
from django.utils import timezone

from worker.models import Failed

KEPT = timedelta(days=14)


@task
def prune() -> None:
    """Delete the failed tasks that nobody has sent again for 14 days."""
    Failed.objects.filter(at__lt=timezone.now() - KEPT).delete()
