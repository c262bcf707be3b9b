"""A task to run periodically: `UPSTREAMS_SCHEDULE = {"upstreams.tasks.prune.prune": 3600}`."""

from datetime import timedelta

from django.apps import apps
from django.tasks import task, task_backends

from upstreams.tasks.retry import RetryingBackend

RETENTION = timedelta(days=14)


@task
def prune() -> None:
    """Delete what has expired: results and failed tasks after 14 days, and what the apps of `contrib` keep for a time."""
    for backend in task_backends.all():
        if isinstance(backend, RetryingBackend):
            backend.prune(RETENTION)
    for config in apps.get_app_configs():
        if config.name.startswith("upstreams.") and hasattr(config, "delete_expired"):
            config.delete_expired()
