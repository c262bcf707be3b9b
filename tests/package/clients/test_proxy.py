"""A bad network between the service and its upstream: examples for upstreams of your own."""

from urllib.parse import urlsplit

import pytest
from testproject.asgi import application
from testproject.quotes import quotes
from upstreams import UpstreamConnectionError, UpstreamTimeout
from upstreams.testing.lifespan import run_lifespan
from upstreams.testing.loopback import http_response
from upstreams.testing.proxy import Proxy, Toxics

QUOTE = {"text": "a" * 100, "author": "b"}


@pytest.fixture
async def proxy(loopback, define):
    loopback.on("/random", http_response(QUOTE))
    url = urlsplit(loopback.url)
    with Proxy(url.hostname, url.port) as proxy:
        define(quotes={"BASE_URL": proxy.url, "ATTEMPT_TIMEOUT": 0.2, "TIMEOUT": 2})
        async with run_lifespan(application):
            yield proxy


async def test_a_good_network_is_passed_through(proxy):
    assert (await quotes.random()).author == "b"


@pytest.mark.parametrize(
    "toxics", [Toxics(latency=0.05), Toxics(bandwidth=5000), Toxics(slicer=20), Toxics(slow_close=1)]
)
async def test_a_slow_network_is_survived(proxy, toxics):
    proxy.toxics = toxics
    assert (await quotes.random()).author == "b"


@pytest.mark.parametrize(
    ("toxics", "error", "points"),
    [
        (Toxics(timeout=True), UpstreamTimeout, {None}),
        (Toxics(reset_peer=True), UpstreamConnectionError, {"send"}),
        (Toxics(limit_data=60), UpstreamConnectionError, {"receive"}),
        (Toxics(down=True), UpstreamConnectionError, {"connect", "send"}),
        (Toxics(bandwidth=50), UpstreamTimeout, {None}),
    ],
    ids=["timeout", "reset", "limit", "down", "bandwidth"],
)
async def test_a_broken_network_is_a_typed_error_and_heals(proxy, toxics, error, points):
    proxy.toxics = toxics
    with pytest.raises(error) as caught:
        await quotes.random()
    assert getattr(caught.value, "phase", None) in points
    assert caught.value.attempts == 3
    proxy.toxics = Toxics()
    assert (await quotes.random()).author == "b"


async def test_connections_that_died_meanwhile_are_replaced(proxy):
    await quotes.random()
    proxy.close_all()
    assert (await quotes.random()).author == "b"
    assert proxy.accepted == 2
