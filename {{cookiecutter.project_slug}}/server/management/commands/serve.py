"""`manage.py serve`: the one launch line, the same on a laptop, in an image and in a cluster."""

import socket
import sys
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess


class Command(BaseCommand):
    help = "Serve requests with uvicorn, lifespan on. Exits non-zero if the start-up fails."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", default=8000, type=int, help="port to listen on (default: %(default)s)")
        parser.add_argument("--workers", default=1, type=int, help="processes (default: %(default)s)")
        parser.add_argument("--reload", action="store_true", help="start anew when a file changes")
        parser.add_argument("--check", action="store_true", help="only say whether it could start")

    def handle(self, *_: Any, host: str, port: int, workers: int, **options: Any) -> None:
        refuse_a_bad_address(host, port)
        if options["check"]:
            return
        config: dict[str, Any] = {
            "app": "config.asgi:application",
            "host": host,
            "port": port,
            "workers": workers,
            "lifespan": "on",
            # server/access.py writes that line, and the settings say how everything is logged.
            "access_log": False,
            "log_config": None,
            "server_header": False,
            "timeout_graceful_shutdown": settings.TIMEOUTS["SERVER_GRACE"],
        }
        if workers > 1 and not options["reload"]:
            serve_workers(uvicorn.Config(**config))
        else:
            uvicorn.run(**config, reload=options["reload"])


def serve_workers(config: uvicorn.Config) -> None:
    # What uvicorn.run does, but that exits with 0 after a failed start-up.
    supervisor = Multiprocess(config, sockets=[config.bind_socket()])
    supervisor.run()
    if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
        sys.exit(STARTUP_FAILURE)


def refuse_a_bad_address(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as listener:
            # Without it, the connections of a service that stopped a moment ago would still count.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
    except (OSError, OverflowError) as error:
        raise CommandError(f"cannot listen on {host}:{port} ({error}); choose another with --port") from None
