from django.apps import AppConfig
from django.core import checks


class ScheduleConfig(AppConfig):
    """Registers the system check of `settings.UPSTREAMS_SCHEDULE`."""

    name = "upstreams.tasks.schedule"
    label = "upstreams_schedule"

    def ready(self) -> None:
        from upstreams.tasks.schedule.checks import scheduled_tasks_exist

        checks.register(scheduled_tasks_exist, "upstreams")
