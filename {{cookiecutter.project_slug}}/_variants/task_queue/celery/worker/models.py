"""Tasks that nobody tries again: kept, so that they can be looked at, and sent once more."""

from typing import Any

from django.db import models
from django.tasks import task_backends

from worker.backend import CeleryBackend
from worker.message import Message


class Failed(models.Model):
    """A task whose last attempt has failed."""

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
        """Give the task all its attempts once more; it leaves the list when the broker has it.

        Raises:
            EnqueueFailed: the broker does not take it.
        """
        backend = task_backends[self.backend]
        assert isinstance(backend, CeleryBackend)  # noqa: S101 - no other one writes rows # nosec B101
        backend.broker.send(Message(**{**self.message, "workers": []}))
        self.delete()
