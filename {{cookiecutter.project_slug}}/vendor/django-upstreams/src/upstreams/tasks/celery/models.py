"""Tasks that wait for the broker, and tasks that are not retried any more, for a person to send them again."""

from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.tasks import task_backends

from upstreams.tasks.celery.backend import CeleryBackend
from upstreams.tasks.celery.broker import EnqueueFailed
from upstreams.tasks.celery.message import Message


class Outgoing(models.Model):
    """A task in the outbox: written with the data that it is about, and deleted when the broker has it."""

    id = models.BigAutoField(primary_key=True)
    backend = models.TextField(help_text="The key in settings.TASKS.")
    message: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()
    # Of the database's clock. A worker that sends the row moves it on, so that no other one does.
    send_at = models.DateTimeField(db_default=Now(), editable=False)
    failures = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ("pk",)
        verbose_name = "task in the outbox"
        verbose_name_plural = "tasks in the outbox"

    def __str__(self) -> str:
        return f"{self.message['path']} {self.message['id']}"


class Failed(models.Model):
    """A task whose last attempt failed."""

    id = models.UUIDField(primary_key=True, editable=False)
    path = models.TextField("task")
    backend = models.TextField(help_text="The key in settings.TASKS.")
    message: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()
    error = models.TextField()
    traceback = models.TextField()
    at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        ordering = ("-at",)
        verbose_name = "failed task"

    def __str__(self) -> str:
        return f"{self.path} {self.pk}"

    def send_again(self) -> None:
        """Give the task all its attempts once more. The row is deleted when the broker has the task.

        Raises:
            EnqueueFailed: the broker did not accept it, or `settings.TASKS` has no broker.
        """
        self._backend().broker.send(Message(**{**self.message, "workers": []}))
        self.delete()

    def _backend(self) -> CeleryBackend:
        # A project that is changing to another queue keeps its broker under another alias.
        found = [backend for backend in task_backends.all() if isinstance(backend, CeleryBackend)]
        if not found:
            raise EnqueueFailed(f"task {self.path}: no backend in settings.TASKS is a CeleryBackend")
        return next((backend for backend in found if backend.alias == self.backend), found[0])
