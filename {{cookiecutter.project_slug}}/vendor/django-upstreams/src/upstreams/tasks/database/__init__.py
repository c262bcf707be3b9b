"""The database queue: `TASKS["default"]["BACKEND"] = "upstreams.tasks.database.DatabaseBackend"`.

Needs the extra `tasks`, and "django_tasks_db" and "upstreams.tasks.database" in INSTALLED_APPS.
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured

from upstreams.core import extras

if TYPE_CHECKING:
    from upstreams.tasks.database.backend import DatabaseBackend

__all__ = ["DatabaseBackend"]

if find_spec("django_tasks_db") is None:
    raise ImproperlyConfigured(extras.needed("upstreams.tasks.database", "tasks"))


def __getattr__(name: str) -> Any:
    if name != "DatabaseBackend":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from upstreams.tasks.database.backend import DatabaseBackend

    return DatabaseBackend
