"""The Django app of this package."""

import importlib
from types import ModuleType

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import autodiscover_modules

from upstreams import conf
from upstreams.clients import registry
from upstreams.core import extras, tracing


class UpstreamsConfig(AppConfig):
    """Registers the system checks, finds upstreams in the `upstreams` module of each app, and starts telemetry."""

    name = "upstreams"

    def ready(self) -> None:
        setting_changed.connect(conf.forget)
        setting_changed.connect(registry.refresh)
        for module in (
            "clients.checks",
            "asgi.checks",
            "asgi.timeout_checks",
            "asgi.body_checks",
            "vendored",
        ):
            importlib.import_module(f"upstreams.{module}")
        autodiscover_modules("upstreams")
        # Imported only where they are on, because they take time and memory.
        if tracing.is_on():
            _import("upstreams.telemetry.otlp", "otlp", tracing.switch()).configure()
        if conf.parse()[0].sentry_dsn:
            _import("upstreams.telemetry.sentry", "sentry", "UPSTREAMS_SENTRY_DSN").configure()


def _import(module: str, extra: str, asked_by: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError:
        raise ImproperlyConfigured(extras.needed(asked_by, extra)) from None
