"""Whether the process can serve requests, found out in the background: a probe reads the result and waits for nothing."""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from django.db import connections as databases

from upstreams.asgi.unapplied_migrations import unapplied_migrations

logger = logging.getLogger(__name__)

CHECKS_TO_CHANGE = 2
"""Checks in a row that must disagree with a state before it changes: one lost packet is no outage."""
CHECK_TIMEOUT = 3.0
"""Seconds after which a check that has not returned counts as failed."""
CHECK_INTERVAL = 1.0
"""Seconds between two checks."""


class CheckState:
    """What the checks of one dependency have shown: not healthy before the first check, which counts at once.

    Args:
        name: of the dependency, for the log.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._healthy = self._checked = False
        self._disagreeing = 0
        self._started_at: float | None = None

    @property
    def is_healthy(self) -> bool:
        """Whether the dependency can be used."""
        hangs = self._started_at is not None and time.monotonic() - self._started_at > CHECK_TIMEOUT
        return self._healthy and not hangs

    def started(self) -> None:
        """Note that a check begins."""
        self._started_at = time.monotonic()

    def ended(self, problem: str | None) -> None:
        """Note that the check has ended, with a problem or without."""
        self._started_at = None
        healthy = problem is None
        self._disagreeing = self._disagreeing + 1 if healthy != self._healthy else 0
        if not self._checked or self._disagreeing >= CHECKS_TO_CHANGE:
            self._healthy, self._checked, self._disagreeing = healthy, True, 0
            if healthy:
                logger.info("readiness: %s can be used", self._name)
            else:
                logger.warning("readiness: %s cannot be used: %s", self._name, problem)


class Readiness:
    """Checks databases with their migrations, and the upstreams that are `REQUIRED`.

    Args:
        required_databases: returns the aliases of the databases without which nothing can be served.
        required_upstreams: returns alias -> a function that raises if the upstream cannot be used.
        interval: seconds between two checks.
    """

    def __init__(
        self,
        required_databases: Callable[[], list[str]],
        required_upstreams: Callable[[], dict[str, Callable[[], Awaitable[None]]]],
        interval: float = CHECK_INTERVAL,
    ) -> None:
        self._required_databases = required_databases
        self._required_upstreams = required_upstreams
        self._interval = interval
        self._states: dict[str, CheckState] | None = None

    @property
    def is_ready(self) -> bool:
        """Whether the checks run, and everything that is required can be used; never outside `run_checks`."""
        states = self._states
        return states is not None and all(state.is_healthy for state in states.values())

    @asynccontextmanager
    async def run_checks(self) -> AsyncIterator[None]:
        """Check again and again inside the block. If nothing is required, ready means that the block is entered."""
        stop = threading.Event()
        by_database = {f"database {alias}": database_check(alias) for alias in self._required_databases()}
        by_upstream = {f"upstream {alias}": check for alias, check in self._required_upstreams().items()}
        states = self._states = {name: CheckState(name) for name in (*by_database, *by_upstream)}
        if not states:
            logger.info("readiness: nothing is required; the process is ready once it has started")
        if by_database:
            # Not a thread of requests: a database that hangs blocks its thread.
            arguments = (by_database, states, stop)
            threading.Thread(
                target=self._check_databases, args=arguments, name="readiness", daemon=True
            ).start()
        tasks = [
            asyncio.create_task(self._check_upstream(states[name], check))
            for name, check in by_upstream.items()
        ]
        try:
            yield
        finally:
            self._states = None
            stop.set()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _check_databases(
        self,
        by_name: dict[str, Callable[[], str | None]],
        states: dict[str, CheckState],
        stop: threading.Event,
    ) -> None:
        while True:
            for name, check in by_name.items():
                states[name].started()
                states[name].ended(check())
            if stop.wait(self._interval):
                return

    async def _check_upstream(self, state: CheckState, check: Callable[[], Awaitable[None]]) -> None:
        while True:
            state.started()
            try:
                await check()
            except Exception as error:  # noqa: BLE001 - any error means that it cannot be used
                state.ended(type(error).__name__)
            else:
                state.ended(None)
            await asyncio.sleep(self._interval)


def database_check(alias: str) -> Callable[[], str | None]:
    """Return a function that returns what is wrong with a database; it looks at migrations until all are applied."""
    is_migrated = False

    def check() -> str | None:
        nonlocal is_migrated
        try:
            with contextlib.closing(databases[alias]) as database:
                if not is_migrated:
                    if unapplied_migrations(database):
                        return "migrations are not applied; run `manage.py migrate`"
                    is_migrated = True
                with database.cursor() as cursor:
                    cursor.execute("SELECT 1")
        except Exception as error:  # noqa: BLE001 - any error means that it cannot be used
            # Without its message, which may hold a password.
            return type(error).__name__
        return None

    return check
