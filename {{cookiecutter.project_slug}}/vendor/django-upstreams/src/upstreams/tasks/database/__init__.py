"""The database queue: `TASKS["default"]["BACKEND"] = "upstreams.tasks.database.DatabaseBackend"`.

Needs the extra `tasks`, and "django_tasks_db" and "upstreams.tasks.database" in INSTALLED_APPS.
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from upstreams.tasks.database.backend import DatabaseBackend

__all__ = ["DatabaseBackend"]

if find_spec("django_tasks_db") is None:
    raise ImproperlyConfigured("upstreams.tasks.database needs an extra: uv add 'django-upstreams[tasks]'")


def __getattr__(name: str) -> Any:
    if name != "DatabaseBackend":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from upstreams.tasks.database.backend import DatabaseBackend

    return DatabaseBackend
