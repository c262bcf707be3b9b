"""The queue on RabbitMQ or Redis: `TASKS["default"]["BACKEND"] = "upstreams.tasks.celery.CeleryBackend"`.

Needs the extra `celery`, and "upstreams.tasks.celery" in INSTALLED_APPS.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured

from upstreams.core import extras

if TYPE_CHECKING:
    from upstreams.tasks.celery.backend import CeleryBackend
    from upstreams.tasks.celery.broker import EnqueueFailed, close_broker_connections

__all__ = ["CeleryBackend", "EnqueueFailed", "close_broker_connections"]

if find_spec("celery") is None:
    raise ImproperlyConfigured(extras.needed("upstreams.tasks.celery", "celery"))


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "backend" if name == "CeleryBackend" else "broker"
    return getattr(import_module(f"upstreams.tasks.celery.{module}"), name)
