import importlib

from django.apps import AppConfig
from django.conf import settings

from services.core import traces


class ServerConfig(AppConfig):
    name = "server"

    def ready(self) -> None:
        importlib.import_module("server.checks")
        # Not imported where they are off: they cost time and memory.
        if traces.is_on():
            importlib.import_module("server.export").configure()
        if settings.SENTRY_DSN:
            importlib.import_module("server.sentry").configure()
