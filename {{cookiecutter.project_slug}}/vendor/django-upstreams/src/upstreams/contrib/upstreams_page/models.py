from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class NoRows(models.Manager[Any]):
    """Finds nothing, and asks no table: `dumpdata` reads every model."""

    def get_queryset(self) -> "models.QuerySet[Any]":
        return super().get_queryset().none()


class Upstream(models.Model):
    """An entry of `settings.UPSTREAMS`. It has no table: it gives the admin its page, and the page its permissions."""

    alias = models.CharField(max_length=200, primary_key=True)

    objects = NoRows()

    class Meta:
        managed = False
        default_permissions = ("view",)
        permissions = (("control_upstream", "Can open and reset breakers, drain pools and probe"),)
        verbose_name = _("upstream")
        verbose_name_plural = _("upstreams")

    def __str__(self) -> str:
        return self.alias
