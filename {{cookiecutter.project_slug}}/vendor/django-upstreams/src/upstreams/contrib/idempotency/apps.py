from django.apps import AppConfig
from django.utils import timezone

from upstreams.core.deletion import delete_in_batches


class IdempotencyConfig(AppConfig):
    """Holds the table of keys and their responses."""

    name = "upstreams.contrib.idempotency"
    label = "upstreams_idempotency"
    verbose_name = "Idempotency keys"
    default_auto_field = "django.db.models.BigAutoField"

    def delete_expired(self) -> None:
        """Delete the keys that have expired; `upstreams.tasks.prune.prune` calls it."""
        from upstreams.contrib.idempotency.models import IdempotencyKey

        delete_in_batches(IdempotencyKey.objects.filter(expires__lt=timezone.now()), "expires")
