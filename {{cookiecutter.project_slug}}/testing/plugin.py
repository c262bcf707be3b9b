"""The test kit: fixtures for everything that calls other services, and guards against the usual traps."""

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.core import connections, portal
from services.core.definitions import configured
from services.core.http import httpx
from testing.leaks import watching
from testing.lifespan import running
from testing.tasks import Tasks
from testing.upstream import Loopback
from testing.wire import FakeWire


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers of the kit."""
    line = "upstreams(alias={...}): the upstreams of this test, each on top of its keys in the settings"
    config.addinivalue_line("markers", line)


@pytest.fixture(autouse=True)
async def leaks() -> AsyncIterator[None]:
    """Fails a test that leaves something open, or reaches beyond this machine."""
    with watching(asyncio.get_running_loop()) as watch:
        yield
        # Closing takes the loop some rounds, and threads a moment; a traceback may hold the last reference,
        # and a thread that is ending may hold the traceback.
        for attempt in range(200):
            if not (left := watch.left()):
                break
            if attempt % 20 == 0:
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
async def settled(lifespan: None) -> Callable[[], Awaitable[None]]:
    """Waits until what the service has spawned has ended: `await settled()`."""
    return connections.owned[asyncio.get_running_loop()].spawned.idle


@pytest.fixture
async def aclient(lifespan: None) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the started service, through every layer of `config/asgi.py`."""
    from config.asgi import application

    transport = httpx.ASGITransport(app=application)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client


@pytest.fixture
def hops(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What threads were given to do, which is not done, and those that were to start."""
    seen: list[str] = []
    monkeypatch.setattr(ThreadPoolExecutor, "submit", lambda *_: seen.append("hop"))
    monkeypatch.setattr(threading.Thread, "start", lambda _: seen.append("thread"))
    return seen


@pytest.fixture
def tasks() -> Tasks:
    """What is enqueued; `await tasks.run()` does what a worker would."""
    return Tasks()
