from datetime import timedelta

from django.apps import AppConfig
from django.utils import timezone

from upstreams import conf
from upstreams.core.deletion import delete_in_batches
from upstreams.core.inbound import WebhookSource


class WebhooksConfig(AppConfig):
    """Holds the table of ids that have arrived."""

    name = "upstreams.contrib.webhooks"
    label = "upstreams_webhooks"
    verbose_name = "Webhooks"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from upstreams.contrib.webhooks import checks  # noqa: F401 - registers them

    def delete_expired(self) -> None:
        """Delete the ids that are older than `RETENTION`; `upstreams.tasks.prune.prune` calls it."""
        from upstreams.contrib.webhooks.models import ReceivedWebhook

        sources = conf.current().webhooks
        rows = ReceivedWebhook.objects.all()
        for name, source in sources.items():
            before = timezone.now() - timedelta(seconds=source.retention)
            delete_in_batches(rows.filter(source=name, received__lt=before), "received")
        before = timezone.now() - timedelta(seconds=WebhookSource(secrets=[]).retention)
        delete_in_batches(rows.exclude(source__in=sources).filter(received__lt=before), "received")
