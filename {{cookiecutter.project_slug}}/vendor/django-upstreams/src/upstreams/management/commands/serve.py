"""`manage.py serve`: the one command that starts the server, on a laptop, in an image and in a cluster."""

import ssl
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from upstreams import conf
from upstreams.core import extras
from upstreams.management import reloading
from upstreams.management.arguments import at_least_one
from upstreams.management.forked_checks import run_in_child
from upstreams.management.port import check_port


class Command(BaseCommand):
    help = "Serve requests with uvicorn, lifespan on. Exits with an error code if the start-up fails."
    requires_system_checks = ()  # run by `handle`

    def add_arguments(self, parser: CommandParser) -> None:
        workers = conf.parse()[0].workers
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", default=8000, type=int, help="port to listen on (default: %(default)s)")
        parser.add_argument(
            "--workers", default=workers, type=at_least_one, help="processes (default: %(default)s)"
        )
        parser.add_argument("--certfile", help="certificate and its chain, for TLS")
        parser.add_argument("--keyfile", help="its key, if that is in a separate file")
        parser.add_argument("--reload", action="store_true", help="restart when a file changes")
        parser.add_argument("--check", action="store_true", help="check whether it could start, and exit")

    def handle(self, *_: Any, host: str, port: int, certfile: str, keyfile: str, **options: Any) -> None:
        if options["reload"] and not reloading.is_child():
            reloading.run("serve")
        run_in_child(self.check_settings)
        check_port(host, port)
        check_certificates(certfile, keyfile)
        try:
            from upstreams.management import server
        except ModuleNotFoundError:
            raise CommandError(extras.needed("serve", "asgi")) from None
        if not options["check"]:
            workers = 1 if options["reload"] else options["workers"]
            server.run(host=host, port=port, workers=workers, certfile=certfile, keyfile=keyfile)

    def check_settings(self) -> None:
        """Run the system checks.

        Raises:
            CommandError: a check found an error, or the database cannot be opened.
        """
        try:
            self.check()
        except DatabaseError as error:  # some checks of models look into an SQLite file
            raise CommandError(f"the database cannot be used: {error}; look at DATABASE_URL") from None


def check_certificates(certfile: str | None, keyfile: str | None) -> None:
    """Load the certificate, because uvicorn reports a bad one late and at length.

    Raises:
        CommandError: it cannot be used.
    """
    if keyfile and not certfile:
        raise CommandError("--keyfile needs --certfile")
    if certfile:
        try:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certfile, keyfile)
        except OSError as error:
            raise CommandError(f"cannot use --certfile {certfile}, --keyfile {keyfile}: {error}") from None
