"""Celery's own tasks in tests, which have no broker."""

from django.apps import apps


def run_celery_tasks_at_once() -> None:
    """Let `delay` call the task, and raise its error, where `upstreams.tasks.celery` is installed."""
    if apps.is_installed("upstreams.tasks.celery"):
        from celery import current_app

        current_app.conf.update(task_always_eager=True, task_eager_propagates=True)
