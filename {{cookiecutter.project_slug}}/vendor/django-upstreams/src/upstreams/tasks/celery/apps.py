from django.apps import AppConfig


class CeleryTasksConfig(AppConfig):
    """Holds the table of failed tasks, and its admin."""

    name = "upstreams.tasks.celery"
    label = "upstreams_tasks_celery"
    default_auto_field = "django.db.models.BigAutoField"
