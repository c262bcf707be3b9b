"""`manage.py worker`: run the tasks of one backend of `settings.TASKS`, on the database or on a broker."""

import signal
import sys
from importlib.util import find_spec
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from upstreams.core import extras
from upstreams.management import reloading
from upstreams.management.arguments import at_least_one
from upstreams.management.port import check_port
from upstreams.tasks.retry import RetryingBackend


class Command(BaseCommand):
    help = "Run background tasks until SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--backend", default="default", help="key of settings.TASKS (default: %(default)s)"
        )
        parser.add_argument("--host", default="127.0.0.1", help="address for --port (default: %(default)s)")
        parser.add_argument("--port", type=int, help="serve /livez, /readyz and /metrics on this port")
        parser.add_argument("--batch", action="store_true", help="database: exit when no task is due")
        parser.add_argument(
            "--pool", choices=("threads", "prefork"), help="celery: what runs the tasks (default: threads)"
        )
        parser.add_argument("--concurrency", type=at_least_one, help="celery: tasks at once (default: 4)")
        parser.add_argument("--reload", action="store_true", help="restart when a file changes")

    def handle(self, *_: Any, backend: str, host: str, port: int | None, **options: Any) -> None:
        if options["reload"] and not reloading.is_child():
            reloading.run("worker")
        worker = find_backend(backend).make_worker(
            batch=options["batch"], pool=options["pool"], concurrency=options["concurrency"]
        )
        if port is not None:
            if find_spec("uvicorn") is None:
                raise CommandError(extras.needed("--port", "asgi"))
            check_port(host, port)

        # Until the worker installs its own. Without any, process 1 of a container ignores the signal.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        worker.prepare()
        if port is not None:
            from upstreams.tasks import health_server  # needs the extra

            health_server.serve(host, port, worker.is_ready)
        sys.exit(worker.run())


def find_backend(alias: str) -> RetryingBackend:
    from django.tasks import task_backends  # upstreams.tasks says so in one line where Django has none

    if alias not in task_backends:
        known = ", ".join(task_backends)
        raise CommandError(f"--backend {alias}: not in settings.TASKS, which has {known}")
    backend = task_backends[alias]
    if not isinstance(backend, RetryingBackend):
        raise CommandError(f'TASKS["{alias}"]: tasks of {type(backend).__name__} need no worker')
    return backend
