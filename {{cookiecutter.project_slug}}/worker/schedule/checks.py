"""System check of `settings.SCHEDULE`."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.tasks import Task
from django.utils.module_loading import import_string


@checks.register("worker")
def scheduled_tasks_exist(**_: Any) -> list[checks.CheckMessage]:
    """Whatever recurs is a task."""
    return [
        checks.Error(
            f'SCHEDULE["{path}"]: write the path of a function that is a @task, and seconds, more than 0',
            id="worker.E001",
        )
        for path, seconds in settings.SCHEDULE.items()
        if not _is_task(path) or not seconds > 0
    ]


def _is_task(path: str) -> bool:
    try:
        return isinstance(import_string(path), Task)
    except ImportError:
        return False
