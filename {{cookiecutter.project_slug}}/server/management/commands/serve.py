"""`manage.py serve`: the one launch line, the same on a laptop, in an image and in a cluster."""

import os
import ssl
import sys
from argparse import ArgumentTypeError
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from server.address import refuse_if_taken
from server.checked import in_a_child
from server.multiprocess import shared_directory
from server.process import SERVED_BY
from server.upgrades import Refused


class Command(BaseCommand):
    help = "Serve requests with uvicorn, lifespan on. Exits non-zero if the start-up fails."
    requires_system_checks = ()  # run by `handle`

    def add_arguments(self, parser: CommandParser) -> None:
        workers = settings.WORKERS
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", default=8000, type=int, help="port to listen on (default: %(default)s)")
        parser.add_argument(
            "--workers", default=workers, type=at_least_one, help="processes (default: %(default)s)"
        )
        parser.add_argument("--certfile", help="certificate and its chain, for TLS")
        parser.add_argument("--keyfile", help="its key, if that is in a file of its own")
        parser.add_argument("--reload", action="store_true", help="start anew when a file changes")
        parser.add_argument("--check", action="store_true", help="only say whether it could start")

    def handle(self, *_: Any, host: str, port: int, workers: int, **options: Any) -> None:
        in_a_child(self.refuse_wrong_settings)
        refuse_if_taken(host, port)
        refuse_bad_certificates(options["certfile"], options["keyfile"])
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
            "ws": Refused,
            "proxy_headers": bool(settings.FORWARDED_ALLOW_IPS),
            "forwarded_allow_ips": settings.FORWARDED_ALLOW_IPS,
            "ssl_certfile": options["certfile"],
            "ssl_keyfile": options["keyfile"],
            "timeout_graceful_shutdown": settings.TIMEOUTS["SERVER_GRACE"],
        }
        os.environ[SERVED_BY] = str(os.getpid())
        if workers > 1 and not options["reload"]:
            with shared_directory():
                serve_workers(uvicorn.Config(**config))
        else:
            uvicorn.run(**config, reload=options["reload"])

    def refuse_wrong_settings(self) -> None:
        try:
            self.check()
        except DatabaseError as error:  # some checks of models look into an SQLite file
            raise CommandError(f"the database cannot be used: {error}; look at DATABASE_URL") from None


def at_least_one(value: str) -> int:
    if not value.isdigit() or value == "0":
        raise ArgumentTypeError("write a number from 1 on")
    return int(value)


def serve_workers(config: uvicorn.Config) -> None:
    # What uvicorn.run does, but that exits with 0 after a failed start-up.
    supervisor = Multiprocess(config, sockets=[config.bind_socket()])
    supervisor.run()
    if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
        sys.exit(STARTUP_FAILURE)


def refuse_bad_certificates(certfile: str | None, keyfile: str | None) -> None:
    if keyfile and not certfile:
        raise CommandError("--keyfile needs --certfile")
    if certfile:
        try:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certfile, keyfile)
        except OSError as error:
            raise CommandError(f"cannot use --certfile {certfile}, --keyfile {keyfile}: {error}") from None
