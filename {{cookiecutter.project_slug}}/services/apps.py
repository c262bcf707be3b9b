"""Finds the upstreams: every module of this package is imported when Django starts."""

import importlib
import pkgutil

from django.apps import AppConfig

import services


class ServicesConfig(AppConfig):
    name = "services"

    def ready(self) -> None:
        for module in pkgutil.iter_modules(services.__path__, "services."):
            importlib.import_module(module.name)
        importlib.import_module("services.core.checks")
