from django.db import models


class ReceivedWebhook(models.Model):
    """An id that has arrived, committed together with what its webhook has caused."""

    source = models.CharField(max_length=100, help_text="The key in settings.UPSTREAMS_WEBHOOKS.")
    webhook_id = models.CharField(max_length=255)
    received = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = "received webhook"
        constraints = [  # noqa: RUF012 - as Django writes it
            models.UniqueConstraint(fields=["source", "webhook_id"], name="upstreams_webhooks_once")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.webhook_id}"
