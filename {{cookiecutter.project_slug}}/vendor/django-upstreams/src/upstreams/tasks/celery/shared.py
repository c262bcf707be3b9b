"""Celery's own tasks, `@shared_task`: the app that they belong to, and how a worker runs them."""

import logging

from celery import Celery, _state, signals
from django.core.exceptions import ImproperlyConfigured
from django.db import close_old_connections
from django.tasks import task_backends

from upstreams.tasks.celery.app import TASK_NAME
from upstreams.tasks.celery.backend import CeleryBackend
from upstreams.tasks.celery.discovery import discover
from upstreams.tasks.garbage import GarbageCollector


def backend() -> CeleryBackend | None:
    """Return the backend whose broker Celery's own tasks use: the first of its class in `settings.TASKS`."""
    return next((one for one in task_backends.all() if isinstance(one, CeleryBackend)), None)


def get_app() -> Celery:
    """Return the app for the command line of Celery, as in `celery -A config beat`.

    Raises:
        ImproperlyConfigured: `settings.TASKS` has no CeleryBackend.
    """
    found = backend()
    if found is None:
        raise ImproperlyConfigured("TASKS has no entry whose BACKEND is upstreams.tasks.celery.CeleryBackend")
    discover(found.broker.app)
    return found.broker.app


def use_our_app() -> None:
    """Make our app the one that `delay` uses, unless the project has made an app of its own before."""
    # Private: celery._state.default_app (celery 5.7). The public celery.current_app would make an app to return it.
    # tasks/celery/test_shared.py calls `delay` in a process that only set up Django.
    if getattr(_state, "default_app", None) is None and (found := backend()):
        found.broker.app.set_default()


def prepare_worker(app: Celery) -> None:
    """Find the tasks; give each of them fresh database connections and one log line, and collect its garbage."""
    discover(app)
    signals.task_prerun.connect(_close_old_connections, weak=False)
    signals.task_postrun.connect(_close_old_connections, weak=False)
    signals.task_postrun.connect(GarbageCollector().after_task, weak=False)
    logger = logging.getLogger("celery.app.trace")
    logger.setLevel(logging.INFO)
    # tasks/attempts.py logs the attempts of the tasks of `django.tasks`, whose names Celery does not know.
    logger.addFilter(lambda record: getattr(record, "data", {}).get("name") in app.tasks)


def _close_old_connections(task: object = None, **_: object) -> None:
    if getattr(task, "name", TASK_NAME) != TASK_NAME:  # which does so itself
        close_old_connections()
