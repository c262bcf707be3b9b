"""The test kit: fixtures for everything that calls other services, and guards against the usual traps."""

import asyncio
import gc
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.db import connections as databases
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import setup_databases, teardown_databases
from pytest_django.plugin import DjangoDbBlocker

from services.core import connections, portal
from services.core.definitions import configured
from services.core.http import httpx
from testing.leaks import watching
from testing.lifespan import running
from testing.upstream import Loopback
from testing.wire import FakeWire

REQUEST_SIGNALS = (request_started, request_finished)
SYNC_DATABASE = {"db", "transactional_db"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse what would let rows of one async test into the next."""
    for item in items:
        is_async = inspect.iscoroutinefunction(getattr(item, "function", None))
        asks = item.get_closest_marker("django_db") or SYNC_DATABASE & set(getattr(item, "fixturenames", ()))
        if is_async and asks:
            raise pytest.UsageError(f"{item.nodeid}: an async test uses the fixture async_db, not django_db")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers of the kit."""
    line = "upstreams(alias={...}): the upstreams of this test, each on top of its keys in the settings"
    config.addinivalue_line("markers", line)


@pytest.fixture(autouse=True)
async def leaks() -> AsyncIterator[None]:
    """Fails a test that leaves something open, or reaches beyond this machine."""
    with watching(asyncio.get_running_loop()) as watch:
        yield
        # Closing takes the loop some rounds, and threads a moment; a traceback may hold the last reference.
        for attempt in range(200):
            if not (left := watch.left()):
                break
            if attempt == 0:
                gc.collect()
            await asyncio.sleep(0.005)
    assert not left, "; ".join(left)
    assert not watch.refused, "; ".join(watch.refused)


@pytest.fixture
def define(settings: Any) -> Iterator[Callable[..., None]]:
    """Set the upstreams, each on top of its keys in the settings, before the service starts."""

    def define(**upstreams: dict[str, Any]) -> None:
        settings.UPSTREAMS = {
            alias: {"BASE_URL": f"https://{alias}.test", **settings.UPSTREAMS.get(alias, {}), **keys}
            for alias, keys in upstreams.items()
        }
        configured.cache_clear()

    configured.cache_clear()
    yield define
    portal.close()
    connections.owned.clear()
    configured.cache_clear()


@pytest.fixture
def upstreams(request: pytest.FixtureRequest, settings: Any, define: Callable[..., None]) -> None:
    """The upstreams that the marker of that name defines; `loopback`, if asked for, stands for each."""
    marker = request.node.get_closest_marker("upstreams")
    changes = dict(marker.kwargs) if marker else {alias: {} for alias in settings.UPSTREAMS}
    if "loopback" in request.fixturenames:
        url = request.getfixturevalue("loopback").url
        port = url.rpartition(":")[2]
        changes = {
            alias: {
                "BASE_URL": url,
                **{k: v.replace("{port}", port) if isinstance(v, str) else v for k, v in keys.items()},
            }
            for alias, keys in changes.items()
        }
    define(**changes)


@pytest.fixture
def wire(upstreams: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], FakeWire]]:
    """What an upstream answers: `wire("quotes").get("random").json({...})`."""
    fakes: dict[str, FakeWire] = {}

    def fake(alias: str) -> FakeWire:
        return fakes.setdefault(alias, FakeWire(alias))

    monkeypatch.setattr(
        connections, "make_wire", lambda definition: fake(definition.alias).opened(definition)
    )
    yield fake
    unexpected = [request for one in fakes.values() for request in one.unexpected]
    assert not unexpected, f"requests without an answer: {unexpected}"


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """A real upstream, which every alias leads to: `loopback.on("/random", answer({...}))`."""
    with Loopback() as upstream:
        yield upstream


@pytest.fixture
async def lifespan(request: pytest.FixtureRequest, upstreams: None) -> AsyncIterator[None]:
    """The service, started: its clients are open and lead to `loopback` if asked for, else to `wire`."""
    from config.asgi import application

    if "loopback" not in request.fixturenames:
        request.getfixturevalue("wire")
    async with running(application):
        yield


@pytest.fixture
async def aclient(lifespan: None) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the started service, through every layer of `config/asgi.py`."""
    from config.asgi import application

    transport = httpx.ASGITransport(app=application)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_keepdb: bool,
    django_db_createdb: bool,
) -> Iterator[None]:
    """Creates the test databases, all of them.

    pytest-django's own looks at `django_db` tests alone, and would leave the real database to `async_db`.
    """
    keep = django_db_keepdb and not django_db_createdb
    with django_db_blocker.unblock():
        old = setup_databases(verbosity=0, interactive=False, keepdb=keep)
    yield
    if not django_db_keepdb:
        with django_db_blocker.unblock():
            teardown_databases(old, verbosity=0)


@pytest.fixture
async def async_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> AsyncIterator[None]:
    """The database in an async test, rolled back at its end.

    All thread-sensitive code of the test, that of the service included, runs in the one thread that
    opened the transaction.
    """
    with django_db_blocker.unblock(), ThreadPoolExecutor(1, "async_db") as executor:
        async with ThreadSensitiveContext(executor=executor):
            atomics = await sync_to_async(_begin)()
            # At the start and the end of a request this would take the open transaction for a broken one.
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
        BaseDatabaseWrapper.close(database)  # SQLite's own leaves a database in memory open
