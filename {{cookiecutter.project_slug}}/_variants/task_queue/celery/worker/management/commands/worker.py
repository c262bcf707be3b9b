"""`manage.py worker`: runs tasks, several at once, in threads that share one pool of connections to upstreams."""

import signal
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.autoreload import run_with_reloader

from server.address import refuse_if_taken
from server.management.commands.serve import at_least_one
from worker import page
from worker.run import Worker


class Command(BaseCommand):
    help = "Run background tasks until SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--pool", default="threads", choices=("threads", "prefork"), help="(default: %(default)s)"
        )
        parser.add_argument(
            "--concurrency", default=4, type=at_least_one, help="tasks at once (default: %(default)s)"
        )
        parser.add_argument("--host", default="127.0.0.1", help="address for --port (default: %(default)s)")
        parser.add_argument("--port", type=int, help="answer /livez, /readyz and /metrics there")
        parser.add_argument("--reload", action="store_true", help="start anew when a file changes")

    def handle(self, *_: Any, host: str, port: int | None, **options: Any) -> None:
        worker = Worker("default", options["pool"], options["concurrency"])
        if port is not None:
            refuse_if_taken(host, port)

        def run() -> None:
            if port is not None:
                page.serve(host, port, worker.is_ready)
            sys.exit(worker.run())

        if options["reload"]:
            run_with_reloader(run)
        else:
            # Until Celery has one of its own. Without any, process 1 of a container ignores the signal.
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
            run()
