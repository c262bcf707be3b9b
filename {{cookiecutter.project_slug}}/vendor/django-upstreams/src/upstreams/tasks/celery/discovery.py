"""Finds Celery's own tasks, `@shared_task`, and reports those that cannot run."""

from collections.abc import Iterator
from inspect import iscoroutinefunction

from celery import Celery
from django.apps import apps
from django.conf import settings

from upstreams.tasks.celery.app import OWN_SETTINGS


def discover(app: Celery) -> None:
    """Import the module `tasks` of each installed app, and those of CELERY_IMPORTS and CELERY_INCLUDE."""
    app.loader.import_default_modules()
    app.autodiscover_tasks([config.name for config in apps.get_app_configs()], force=True)


def problems(app: Celery) -> Iterator[tuple[str, str]]:
    """Yield the code and the text of what a system check reports."""
    for name, instead in OWN_SETTINGS.items():
        if hasattr(settings, name):
            yield "E034", f"{name} follows from it: {instead}"
    discover(app)
    for name, task in sorted(app.tasks.items()):
        if iscoroutinefunction(getattr(task, "run", None)):
            text = (
                "is async, and Celery cannot run it: use @task of django.tasks, or a def with async_to_sync"
            )
            yield "E035", f"{name} {text}"
