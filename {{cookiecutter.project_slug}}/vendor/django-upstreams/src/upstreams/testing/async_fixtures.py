"""The fixtures that need an event loop, and so pytest-asyncio."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from upstreams.clients import registry
from upstreams.core.asgi_types import App
from upstreams.core.httpx import httpx
from upstreams.testing.lifespan import run_lifespan
from upstreams.testing.streaming_client import StreamingClient, StreamingTransport


@pytest_asyncio.fixture
async def lifespan(
    request: pytest.FixtureRequest, asgi_application: App, upstreams: None
) -> AsyncIterator[None]:
    """The started service. Its clients are connected to `loopback` if the test uses it, else to `upstream_mock`."""
    if "loopback" not in request.fixturenames:
        request.getfixturevalue("upstream_mock")
    async with run_lifespan(asgi_application):
        yield


@pytest_asyncio.fixture
async def background_done(lifespan: None) -> Callable[[], Awaitable[None]]:
    """Wait until the background tasks of the service have ended: `await background_done()`."""
    return registry.clients_by_loop[asyncio.get_running_loop()].background.wait_until_idle


@pytest_asyncio.fixture
async def aclient(asgi_application: App, lifespan: None) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the started service that sends requests through all ASGI layers."""
    transport = StreamingTransport(app=asgi_application)
    async with StreamingClient(transport=transport, base_url="http://testserver") as client:
        yield client
