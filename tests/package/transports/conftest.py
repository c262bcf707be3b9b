from contextlib import AsyncExitStack

import pytest
from transport.conftest import *
from upstreams import Upstream
from upstreams.clients.pools import open_clients

from transports.servers import server_tls
from transports.upstreams_of import upstream_of

KINDS = ["http1", "httpx", "http2", "aiohttp"]


@pytest.fixture(params=KINDS)
def kind(request):
    """A value of `TRANSPORT`."""
    return request.param


@pytest.fixture
async def upstream(kind):
    """A server that speaks what the transport speaks."""
    async with upstream_of(kind) as upstream:
        yield upstream


@pytest.fixture
async def opened(kind, define):
    """Opens the clients of an upstream with this transport, and returns its object."""
    async with AsyncExitStack() as stack:

        async def opened(url, **keys):
            own = {"BASE_URL": url, "TRANSPORT": kind, "MAX_ATTEMPTS": 1, "TIMEOUT": 10, **keys}
            define(tested=own)
            await stack.enter_async_context(open_clients())
            return Upstream("tested")

        yield opened


@pytest.fixture
async def tested(upstream, opened):
    return await opened(upstream.url)


@pytest.fixture
async def secure(kind, authority):
    protocols = ["h2"] if kind == "http2" else ["h2", "http/1.1"]
    async with upstream_of(kind, server_tls(authority, *protocols)) as upstream:
        upstream.url = upstream.url.replace("127.0.0.1", "localhost")
        upstream.serve("/a")
        yield upstream
