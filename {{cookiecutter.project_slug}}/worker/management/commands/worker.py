"""`manage.py worker`: runs tasks, one at a time. For more at once, start more of them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.autoreload import run_with_reloader

from server.address import refuse_if_taken
from worker import page
from worker.run import Worker


class Command(BaseCommand):
    help = "Run background tasks, one at a time, until SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address for --port (default: %(default)s)")
        parser.add_argument("--port", type=int, help="answer /livez, /readyz and /metrics there")
        parser.add_argument("--batch", action="store_true", help="end when no task is left")
        parser.add_argument("--reload", action="store_true", help="start anew when a file changes")

    def handle(self, *_: Any, host: str, port: int | None, **options: Any) -> None:
        worker = Worker(batch=options["batch"])
        if port is not None:
            refuse_if_taken(host, port)

        def run() -> None:
            if port is not None:
                page.serve(host, port, worker.is_ready)
            worker.run()

        if options["reload"]:
            run_with_reloader(run)
        else:
            worker.configure_signals()
            run()
