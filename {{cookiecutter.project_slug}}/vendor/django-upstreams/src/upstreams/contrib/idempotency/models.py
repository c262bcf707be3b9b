from typing import Any

from django.db import models
from django.utils import timezone


class IdempotencyKey(models.Model):
    """A key that a client has sent, and the response to it as soon as there is one."""

    digest = models.CharField(max_length=64, unique=True, help_text="Of the client, the route and the key.")
    fingerprint = models.CharField(
        max_length=64, blank=True, help_text="Of the method, the path and the body."
    )
    status = models.PositiveSmallIntegerField(null=True)
    headers: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")
    expires = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "idempotency key"

    def __str__(self) -> str:
        return self.digest

    @property
    def is_answered(self) -> bool:
        """Whether it has a response that has not expired."""
        return self.status is not None and self.expires > timezone.now()
