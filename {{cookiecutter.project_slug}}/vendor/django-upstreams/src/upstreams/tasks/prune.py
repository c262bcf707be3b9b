"""A task to run periodically: `UPSTREAMS_SCHEDULE = {"upstreams.tasks.prune.prune": 3600}`."""

from datetime import timedelta

from django.tasks import task, task_backends

from upstreams.tasks.retry import RetryingBackend

RETENTION = timedelta(days=14)


@task
def prune() -> None:
    """Delete results and failed tasks that are older than 14 days, of every backend of this package in `TASKS`."""
    for backend in task_backends.all():
        if isinstance(backend, RetryingBackend):
            backend.prune(RETENTION)
