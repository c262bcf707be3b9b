"""The fixtures for everything that calls upstreams; those that need an event loop are in async_fixtures.py."""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings

from upstreams import conf
from upstreams.asgi.checks import requests_stay_off_threads
from upstreams.core.asgi_types import App
from upstreams.core.packages import packages_in
from upstreams.testing import complaints
from upstreams.testing.celery_tasks import run_celery_tasks_at_once
from upstreams.testing.loopback import Loopback
from upstreams.testing.mocks import close_portal, refuse_unmocked, require_alias, use_mocks
from upstreams.testing.thread_switches import record_thread_switches
from upstreams.testing.upstream_mock import UpstreamMock

if TYPE_CHECKING:
    from upstreams.testing.tasks import Tasks


@pytest.fixture(autouse=True, scope="session")
def _refuse_unmocked() -> Iterator[None]:
    """Fail calls to upstreams that have no mock, unless they run on this machine; send no message to a broker."""
    run_celery_tasks_at_once()
    with refuse_unmocked(), complaints.come_first_in_test_cases():
        yield


@pytest.fixture
def define(settings: Any) -> Iterator[Callable[..., None]]:
    """Set the upstreams of a test, each on top of its keys in the settings: `define(quotes={"TIMEOUT": 1})`."""

    def define(**upstreams: dict[str, Any]) -> None:
        settings.UPSTREAMS = {
            alias: {"BASE_URL": f"https://{alias}.test", **settings.UPSTREAMS.get(alias, {}), **keys}
            for alias, keys in upstreams.items()
        }

    yield define
    close_portal()


@pytest.fixture
def upstreams(request: pytest.FixtureRequest, settings: Any, define: Callable[..., None]) -> None:
    """The upstreams that the marker `upstreams` defines, or those of the settings; all lead to `loopback` if used."""
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
def upstream_mock(
    upstreams: None, _upstream_cassettes: frozenset[str]
) -> Iterator[Callable[[str], UpstreamMock]]:
    """The mocks of all upstreams, by alias: `upstream_mock("quotes").get("random").json({...})`."""
    mocks: dict[str, UpstreamMock] = {}

    def find(alias: str) -> UpstreamMock | None:
        return None if alias in _upstream_cassettes else mocks.setdefault(alias, UpstreamMock(alias))

    def by_alias(alias: str) -> UpstreamMock:
        require_alias(alias)
        mock = find(alias)
        if mock is None:
            raise LookupError(f"upstream {alias}: this test replays a cassette of it, and has no mock")
        mock.is_asked_for = True
        return mock

    with use_mocks(find):
        yield by_alias
    complaints.check()


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """A real HTTP server on this machine for all upstreams: `loopback.on("/random", http_response({...}))`."""
    with Loopback() as upstream:
        yield upstream
        close_portal()  # whose clients a test without `upstreams` has led here by its settings


@pytest.fixture(scope="session")
def asgi_application() -> App:
    """The application that `manage.py serve` runs."""
    module, _, name = conf.asgi_application().partition(":")
    application: App = getattr(import_module(module), name)
    return application


@pytest.fixture
def thread_switches() -> Iterator[list[str]]:
    """Record what is given to thread pools and which threads are started, each with its line.

    Skips the test where every request takes a thread, which `manage.py check` reports, or where the middleware of
    another package may take one.
    """
    own = {"django", "upstreams", *packages_in(conf.base_dir())}
    others = [name for name in settings.MIDDLEWARE if name.partition(".")[0] not in own]
    if reasons := [info.msg for info in requests_stay_off_threads()]:
        pytest.skip(reasons[0])
    if others:
        pytest.skip(f"MIDDLEWARE: {others[0]} may take a thread of its own")
    with record_thread_switches() as seen:
        yield seen


@pytest.fixture
def tasks() -> "Tasks":
    """The tasks that the code under test has enqueued; `await tasks.run()` runs them as a worker does."""
    from upstreams.testing.tasks import Tasks  # needs Django 6.0

    return Tasks()
