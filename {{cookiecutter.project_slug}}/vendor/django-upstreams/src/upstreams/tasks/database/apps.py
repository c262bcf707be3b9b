from django.apps import AppConfig
from django.db.models.signals import post_save, pre_save


class DatabaseTasksConfig(AppConfig):
    """Writes the carrier and the lease of a task together with its row."""

    name = "upstreams.tasks.database"
    label = "upstreams_tasks_database"

    def ready(self) -> None:
        from django_tasks_db.models import DBTaskResult  # models need loaded apps

        from upstreams.tasks.database import leases

        pre_save.connect(leases.add_carrier, sender=DBTaskResult)
        post_save.connect(leases.add_lease, sender=DBTaskResult)
