from contextlib import suppress

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured


class CeleryTasksConfig(AppConfig):
    """Holds the table of failed tasks and its admin; connects `@shared_task` to the broker of `settings.TASKS`."""

    name = "upstreams.tasks.celery"
    label = "upstreams_tasks_celery"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from upstreams.tasks.celery.shared import use_our_app

        with suppress(ImproperlyConfigured):  # the system checks report it
            use_our_app()
