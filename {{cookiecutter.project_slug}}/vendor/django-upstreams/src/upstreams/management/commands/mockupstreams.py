"""`manage.py mockupstreams` plays upstreams during development, from their recorded schemas and cassettes."""

import logging
import signal
import time
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from upstreams import conf
from upstreams.core.aliases import aliases
from upstreams.core.extras import needed
from upstreams.core.keys import suggestion
from upstreams.core.mocked import VARIABLE, Mocks, mocks
from upstreams.management.mocks.behavior import Behavior
from upstreams.management.mocks.mock import Mock
from upstreams.management.mocks.ports import FIRST_PORT, PAGE_PORT, Ports
from upstreams.management.mocks.recordings import Recordings, find_recordings
from upstreams.management.mocks.sources import mock_of

HOW = "`startupstream {0} --openapi FILE` or `pytest --record {0}` makes one"


class Command(BaseCommand):
    help = "Play upstreams that have a recorded schema or cassettes, each on a port of this machine."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("alias", nargs="*", help="an upstream (default: all that were recorded)")
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument(
            "--port", type=int, default=FIRST_PORT, help="of the first one (default: %(default)s)"
        )
        parser.add_argument(
            "--page",
            type=int,
            default=PAGE_PORT,
            help="port of the page that changes them (default: %(default)s)",
        )
        for option, value, about in (
            ("slow", "ALIAS=SECONDS", "respond late"),
            ("fail", "ALIAS[=RATIO]", "respond with 503 to all requests, or to this share of them"),
            ("hang", "ALIAS", "never respond"),
            ("refuse", "ALIAS", "refuse connections"),
        ):
            parser.add_argument(f"--{option}", metavar=value, action="append", default=[], help=about)

    def handle(self, *_: Any, alias: list[str], host: str, port: int, page: int, **options: Any) -> None:
        root = conf.base_dir().resolve()
        recordings = find_recordings(root)
        given = None if alias else self.given_addresses()
        # `make dev` does not start this anew when the settings have an upstream more: all that it names are played.
        found = _chosen(given, recordings) if given else self.wanted(alias, recordings)
        with closing(Ports()) as ports:
            where = given or Mocks({one: ports.url(port) for one in found}, ports.url(page))
            played = [mock_of(one, found[one], where.urls[one], root) for one in found]
            self.set_behaviors(played, options)
            self.serve(played, where, host, is_alone=given is None)

    def wanted(self, names: list[str], recordings: Mapping[str, Recordings]) -> dict[str, Recordings]:
        """Return the recordings of the upstreams to play.

        Raises:
            CommandError: one of them has none, or none has.
        """
        known = aliases(getattr(settings, "UPSTREAMS", {}))
        for name in names:
            if name not in known:
                raise CommandError(f"{name}: not in settings.UPSTREAMS; {suggestion(name, known)}")
            if name not in recordings:
                raise CommandError(f"{name}: has no recorded schema and no cassette; {HOW.format(name)}")
        found = {name: recordings[name] for name in known if name in (names or recordings)}
        if not found:
            raise CommandError(f"no upstream has a recorded schema or a cassette; {HOW.format('NAME')}")
        return found

    def given_addresses(self) -> Mocks | None:
        """Return the addresses that `make dev` has chosen."""
        try:
            given = mocks()
        except ValueError as error:
            raise CommandError(str(error)) from None
        return given if given.urls and given.page else None

    def set_behaviors(self, played: list[Mock], options: Mapping[str, list[str]]) -> None:
        """Make mocks behave as the options say.

        Raises:
            CommandError: an option is wrong.
        """
        by_alias = {mock.alias: mock for mock in played}
        for option, field in (("slow", "seconds"), ("fail", "ratio"), ("hang", ""), ("refuse", "")):
            for text in options[option]:
                alias, _, value = text.partition("=")
                if alias not in by_alias:
                    raise CommandError(f"--{option}: {alias} is not played; {suggestion(alias, by_alias)}")
                if by_alias[alias].behavior != Behavior():
                    raise CommandError(f"--{option}: {alias} is {by_alias[alias].behavior} already; give one")
                if value and not field:
                    raise CommandError(f"--{option}: write the alias alone: {alias}")
                values = {"behavior": option, **({field: value} if value else {})}
                try:
                    by_alias[alias].behavior = Behavior.read(values)
                except ValueError as error:
                    raise CommandError(f"--{option}: {error}") from None

    def serve(self, played: list[Mock], where: Mocks, host: str, *, is_alone: bool) -> None:
        """Serve until a signal."""
        try:
            from upstreams.management.mocks.server import MockServers
        except ModuleNotFoundError:
            raise CommandError(needed("mockupstreams", "asgi")) from None
        _log_calls()
        # As process 1 of a container, it would ignore SIGTERM otherwise.
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with MockServers(played, where.page, host):
                self.show(played, where, is_alone=is_alone)
                while True:
                    time.sleep(3600)  # until a signal
        except OSError as error:
            raise CommandError(f"cannot listen: {error}; choose other ports with --port and --page") from None
        except KeyboardInterrupt:
            pass
        finally:
            signal.signal(signal.SIGTERM, before)

    def show(self, played: list[Mock], where: Mocks, *, is_alone: bool) -> None:
        """Print where they are."""
        width = max(len(mock.alias) for mock in played)
        for mock in played:
            self.stdout.write(f"{mock.alias:{width}}  {mock.url}  {mock.shown}")
        self.stdout.write(f"Make them slow, failing or unreachable: {where.page}/")
        if is_alone:
            self.stdout.write(f"Call them: {VARIABLE}={where} python manage.py serve")
        self.stdout.flush()


def _chosen(given: Mocks, recordings: Mapping[str, Recordings]) -> dict[str, Recordings]:
    found = {alias: recordings[alias] for alias in given.urls if alias in recordings}
    if not found:
        raise CommandError(f"{VARIABLE} names no upstream that was recorded")
    return found


def _log_calls() -> None:
    """Show a line for each request, also where `LOGGING` has no handler for it."""
    logger = logging.getLogger("upstreams.management.mocks")
    logger.setLevel(logging.INFO)
    if not logger.hasHandlers():
        logger.addHandler(logging.StreamHandler())
