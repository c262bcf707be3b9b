"""The database in async tests: `pytest_plugins = ["upstreams.testing.database"]`."""

import inspect
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from unittest import mock

import pytest
import pytest_asyncio
from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.db import connections as databases
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import setup_databases, teardown_databases
from pytest_django.plugin import DjangoDbBlocker

from upstreams.clients import background_tasks

REQUEST_SIGNALS = (request_started, request_finished)
SYNC_DATABASE = {"db", "transactional_db"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse `django_db` on async tests, with which rows of one test would be seen by the next."""
    for item in items:
        is_async = inspect.iscoroutinefunction(getattr(item, "function", None))
        uses_database = item.get_closest_marker("django_db") or SYNC_DATABASE & set(
            getattr(item, "fixturenames", ())
        )
        if is_async and uses_database:
            raise pytest.UsageError(
                f"{item.nodeid}: use the fixture async_db in an async test, not django_db"
            )


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_keepdb: bool,
    django_db_createdb: bool,
) -> Iterator[None]:
    """Create all test databases.

    pytest-django's fixture creates those of `django_db` tests only; `async_db` would use the real database.
    """
    keep = django_db_keepdb and not django_db_createdb
    with django_db_blocker.unblock():
        old = setup_databases(verbosity=0, interactive=False, keepdb=keep)
    yield
    if not django_db_keepdb:
        with django_db_blocker.unblock():
            teardown_databases(old, verbosity=0)


@pytest_asyncio.fixture
async def async_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> AsyncIterator[None]:
    """The database in an async test, rolled back at its end.

    The thread that opened the transaction runs all thread-sensitive code: of the test, the service and its
    background tasks.
    """
    with (
        django_db_blocker.unblock(),
        ThreadPoolExecutor(1, "async_db") as executor,
        mock.patch.object(background_tasks, "make_thread", return_value=nullcontext(executor)),
    ):
        async with ThreadSensitiveContext(executor=executor):
            atomics = await sync_to_async(_begin)()
            # At the start and the end of a request, this would close the connection with the open transaction.
            signals = [signal for signal in REQUEST_SIGNALS if signal.disconnect(close_old_connections)]
            try:
                yield
            finally:
                for signal in signals:
                    signal.connect(close_old_connections)
                await sync_to_async(_roll_back)(atomics)


def _begin() -> list[transaction.Atomic]:
    atomics = [transaction.atomic(using=alias) for alias in databases]
    for atomic in atomics:
        atomic.__enter__()
    return atomics


def _roll_back(atomics: list[transaction.Atomic]) -> None:
    for atomic in reversed(atomics):
        transaction.set_rollback(True, using=atomic.using)
        atomic.__exit__(None, None, None)
    for database in databases.all(initialized_only=True):
        BaseDatabaseWrapper.close(database)  # SQLite's override does not close a database in memory
