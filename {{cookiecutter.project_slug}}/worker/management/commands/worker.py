"""`manage.py worker`: runs tasks, one at a time. For more at once, start more of them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.autoreload import run_with_reloader

from worker.run import Worker


class Command(BaseCommand):
    help = "Run background tasks, one at a time, until SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", action="store_true", help="end when no task is left")
        parser.add_argument("--reload", action="store_true", help="start anew when a file changes")

    def handle(self, *_: Any, batch: bool, reload: bool, **options: Any) -> None:
        worker = Worker(batch=batch)
        if reload:
            run_with_reloader(worker.run)
        else:
            worker.configure_signals()
            worker.run()
