from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from upstreams.core import failed_calls


class UpstreamsPageConfig(AppConfig):
    """Keeps failed calls from the start on, and lets the workers of a service read each other's state."""

    name = "upstreams.contrib.upstreams_page"
    label = "upstreams_page"
    verbose_name = _("Upstreams")

    def ready(self) -> None:
        failed_calls.keep()

    def run_in_worker(self, is_draining: Callable[[], bool]) -> AbstractAsyncContextManager[None]:
        """Return what the lifespan holds open; `get_asgi_application` calls it.

        Args:
            is_draining: returns whether the process is about to shut down.
        """
        from upstreams.contrib.upstreams_page import worker

        return worker.run(is_draining)
