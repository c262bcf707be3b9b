"""Whether this process can serve: looked at in the background, so that a probe waits for nothing."""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from django.db import connections as databases

from server import migrated

logger = logging.getLogger(__name__)

TURNS = 2
"""So many looks in a row must differ before the state does: one lost packet is no outage."""
PATIENCE = 3.0
"""Seconds after which a look that has not returned counts as failed."""


class State:
    """What the looks at one thing have shown; nothing good before the first one, which counts at once.

    Args:
        name: of the thing.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._good = self._known = False
        self._differing = 0
        self._since: float | None = None

    @property
    def is_good(self) -> bool:
        """Whether it can be used."""
        hangs = self._since is not None and time.monotonic() - self._since > PATIENCE
        return self._good and not hangs

    def begins(self) -> None:
        """A look at it begins."""
        self._since = time.monotonic()

    def ended(self, problem: str | None) -> None:
        """The look has ended, with a problem or without."""
        self._since = None
        good = problem is None
        self._differing = self._differing + 1 if good != self._good else 0
        if not self._known or self._differing >= TURNS:
            self._good, self._known, self._differing = good, True, 0
            if good:
                logger.info("%s can be used", self._name)
            else:
                logger.warning("%s cannot be used: %s", self._name, problem)


class Readiness:
    """Looks at databases, their migrations and the upstreams that are `REQUIRED`.

    Args:
        aliases: of the databases without which nothing can be served.
        pings: one for each upstream that is required; raises if it does not answer.
        period: seconds between two looks.
    """

    def __init__(
        self,
        aliases: list[str],
        pings: Callable[[], dict[str, Callable[[], Awaitable[None]]]],
        period: float = 1.0,
    ) -> None:
        self._aliases = aliases
        self._pings = pings
        self._period = period
        self._states: dict[str, State] = {}

    @property
    def is_good(self) -> bool:
        """Whether everything that is required can be used."""
        return all(state.is_good for state in tuple(self._states.values()))

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Looks, inside the block."""
        stop = threading.Event()
        looks = {f"database {alias}": self._database(alias) for alias in self._aliases}
        pings = {f"upstream {alias}": ping for alias, ping in self._pings().items()}
        self._states = {name: State(name) for name in (*looks, *pings)}
        if looks:
            # Not one of the request path's: a database that hangs takes its thread with it.
            threading.Thread(target=self._look, args=(looks, stop), name="readiness", daemon=True).start()
        tasks = [asyncio.create_task(self._ask(name, ping)) for name, ping in pings.items()]
        try:
            yield
        finally:
            stop.set()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _look(self, looks: dict[str, Callable[[], str | None]], stop: threading.Event) -> None:
        while True:
            for name, look in looks.items():
                self._states[name].begins()
                self._states[name].ended(look())
            if stop.wait(self._period):
                return

    async def _ask(self, name: str, ping: Callable[[], Awaitable[None]]) -> None:
        while True:
            self._states[name].begins()
            try:
                await ping()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is not ready
                self._states[name].ended(type(error).__name__)
            else:
                self._states[name].ended(None)
            await asyncio.sleep(self._period)

    def _database(self, alias: str) -> Callable[[], str | None]:
        is_migrated = False

        def look() -> str | None:
            nonlocal is_migrated
            try:
                with contextlib.closing(databases[alias]) as database:
                    if not is_migrated:
                        if not migrated.are_applied(database):
                            return "migrations are not applied; run `manage.py migrate`"
                        is_migrated = True
                    with database.cursor() as cursor:
                        cursor.execute("SELECT 1")
            except Exception as error:  # noqa: BLE001 - whatever it is, it is not ready
                # Its message may hold more than a log should.
                return type(error).__name__
            return None

        return look
