"""System check of `settings.UPSTREAMS_SCHEDULE`; upstreams.E009 is about its intervals."""

from typing import Any

from django.core import checks
from django.tasks import Task
from django.utils.module_loading import import_string

from upstreams import conf


def scheduled_tasks_exist(**_: Any) -> list[checks.CheckMessage]:
    """Check that every path leads to a task."""
    return [
        checks.Error(f'UPSTREAMS_SCHEDULE["{path}"]: {problem}', id="upstreams.E030")
        for path in conf.parse()[0].schedule
        if (problem := _problem(path))
    ]


def _problem(path: str) -> str | None:
    try:
        found = import_string(path)
    except ImportError as error:
        return f"expected the dotted path of a task ({error})"
    if not isinstance(found, Task):
        return "expected the dotted path of a task; decorate the function with @task"
    return None
