"""Ways to an address that a tenant may not name: token endpoints, proxies, redirects. And what many tenants leave."""

import asyncio
import socket
from contextlib import nullcontext
from urllib.parse import urlsplit

import pytest
from testproject.quotes import quotes
from upstreams import UpstreamConnectionError, UpstreamDecodeError
from upstreams.clients import loop_clients, registry
from upstreams.core.errors import UnsafeRequest
from upstreams.core.httpx import httpx
from upstreams.testing import mocks
from upstreams.testing.loopback import Loopback, http_response

pytestmark = pytest.mark.usefixtures("lifespan")
QUOTE = {"text": "a", "author": "b"}
CLIENT = {"TOKEN_URL": "http://login.internal/token", "CLIENT_ID": "i", "CLIENT_SECRET": "s"}


@pytest.mark.upstreams(quotes={"AUTH": {"OAUTH2": CLIENT}})
async def test_the_token_endpoint_of_the_settings_is_no_way_in(network):
    known, connected = network
    known["login.internal"] = [["10.0.0.9"]]
    with pytest.raises(UpstreamConnectionError):
        await quotes.get("", attempts=1)
    assert connected == ["10.0.0.9"]
    with pytest.raises(UnsafeRequest):
        await quotes.using(base_url="http://login.internal").get("", attempts=1)
    assert connected == ["10.0.0.9"]


async def test_the_token_endpoint_of_a_tenant_must_be_public(network):
    known, connected = network
    known["id.test"] = [["10.0.0.9"]]
    client = {"TOKEN_URL": "http://id.test/token", "CLIENT_ID": "i", "CLIENT_SECRET": "s"}
    with pytest.raises(UnsafeRequest, match=r"id\.test has no public address"):
        await quotes.using(auth={"OAUTH2": client}).random()
    assert connected == []


@pytest.mark.upstreams(quotes={"PROXY": "http://8.8.8.8:3128"})
async def test_a_proxy_does_not_look_up_the_name_of_a_tenant(network):
    with pytest.raises(UnsafeRequest, match=r'set TENANT_NETWORKS to \["\*"\]'):
        await quotes.using(base_url="https://a.test").random()
    assert network[1] == []


@pytest.mark.upstreams(quotes={"UDS": "/run/no.sock"})
async def test_nor_does_a_unix_socket_lead_to_a_tenant(network):
    with pytest.raises(
        UnsafeRequest, match=r"with UDS, the address of a\.test, a tenant's, is looked up unseen"
    ):
        await quotes.using(base_url="https://a.test").random()


@pytest.mark.upstreams(quotes={"PROXY": "http://8.8.8.8:3128", "TENANT_NETWORKS": "*"})
async def test_a_proxy_that_checks_addresses_itself_may(network):
    with pytest.raises(UpstreamConnectionError):
        await quotes.using(base_url="https://a.test").get("", attempts=1)
    assert network[1] == ["8.8.8.8"]


@pytest.mark.upstreams(quotes={"TENANT_NETWORKS": "127.0.0.0/8", "MAX_ATTEMPTS": 1})
async def test_no_redirect_is_followed(loopback):
    with Loopback() as inside, Loopback() as of_tenant:
        of_tenant.on("/random", http_response(b"", 302, {"location": f"{inside.url}/random"}))
        inside.on("/random", http_response(QUOTE))
        with pytest.raises(Exception, match="redirects are not followed"):
            await quotes.using(base_url=of_tenant.url).random()
        assert (inside.accepted, of_tenant.accepted) == (0, 1)


@pytest.mark.upstreams(quotes={"TENANT_NETWORKS": "127.0.0.0/8", "MAX_CONNECTIONS": 50, "QUEUE_SIZE": 1000})
async def test_thousands_of_tenants_leave_nothing_behind(loopback, monkeypatch):
    """Each tenant has an origin of its own, as `t17.test` with the address of `loopback`."""
    port = urlsplit(loopback.url).port

    def look_up(host, *_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(mocks, "_is_allowed", lambda *_: True)
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    loopback.on("*", http_response(QUOTE))
    transport = transport_of("quotes")
    for start in range(0, 2000, 50):
        names = [f"http://t{number}.test:{port}" for number in range(start, start + 50)]
        await asyncio.gather(*(quotes.using(base_url=name).random() for name in names))
    in_use, idle, _ = transport.pool.counts
    assert len(loopback.requests) == 2000
    assert in_use == 0
    assert idle <= 100
    assert len(transport.pool._idle) <= 100
    assert len(transport._connector.route.resolver._lookups) <= 100
    assert loopback.most_open <= 150 + 50


def transport_of(alias):
    (clients,) = [one for one in registry.all_clients() if one.is_open]
    client = clients.by_alias[alias]
    while hasattr(client, "_inner"):
        client = client._inner
    return client


class Other(httpx.AsyncBaseTransport):
    """A transport that looks names up itself."""

    async def handle_async_request(self, request):
        return httpx.Response(200, json=QUOTE)


@pytest.mark.parametrize(("networks", "is_sent"), [("", False), ("*", True)])
async def test_a_transport_that_does_not_check_addresses_gets_none(
    define, monkeypatch, loopback, networks, is_sent
):
    monkeypatch.setattr(loop_clients, "make_transport", lambda _: Other())
    monkeypatch.setattr(mocks, "_is_allowed", lambda *_: True)
    define(quotes={"TENANT_NETWORKS": networks, "TIMEOUT": 3})  # another client
    await quotes.using(auth={"BEARER": "t"}).random()
    expected = nullcontext() if is_sent else pytest.raises(UnsafeRequest, match="needs the transport of this")
    with expected:
        await quotes.using(base_url="https://a.test").random()
    client = {"TOKEN_URL": "https://a.test/t", "CLIENT_ID": "i", "CLIENT_SECRET": "s"}
    with pytest.raises(UpstreamDecodeError if is_sent else UnsafeRequest):
        await quotes.using(auth={"OAUTH2": client}).random()
