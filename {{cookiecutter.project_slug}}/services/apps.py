import pkgutil
from importlib import import_module

from django.apps import AppConfig


class ServicesConfig(AppConfig):
    """Imports every module of this package, so that `manage.py check` and the lifespan know all upstreams."""

    name = "services"

    def ready(self) -> None:
        for module in pkgutil.iter_modules([self.path]):
            if not module.ispkg:
                import_module(f"{self.name}.{module.name}")
