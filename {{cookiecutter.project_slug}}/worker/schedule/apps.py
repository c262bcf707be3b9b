import importlib

from django.apps import AppConfig


class ScheduleConfig(AppConfig):
    name = "worker.schedule"

    def ready(self) -> None:
        importlib.import_module("worker.schedule.checks")
