"""TLS to a tenant's server: its name is verified, and the certificate of this service is not shown."""

import asyncio
import socket
import ssl
from contextlib import suppress

import pytest
import trustme
from testproject.quotes import Quote, quotes
from upstreams import UpstreamCertificateError
from upstreams.testing import mocks

BODY = b'{"text": "a", "author": "b"}'
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


@pytest.fixture
async def server(loopback, lifespan, define, monkeypatch, tmp_path):
    """A server that asks for a certificate; every name of a test leads to it, and it goes by two of them."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("mysite").private_key_and_cert_chain_pem.write_to_path(tmp_path / "own.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("base.test", "tenant.test").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_OPTIONAL

    async def respond(reader, writer):
        with suppress(asyncio.IncompleteReadError, OSError):
            while await reader.readuntil(b"\r\n\r\n"):
                server.shown.append(bool(writer.get_extra_info("peercert")))
                writer.write(RESPONSE)
        writer.close()

    server = await asyncio.start_server(respond, "127.0.0.1", 0, ssl=context)
    server.shown = []
    port = server.sockets[0].getsockname()[1]
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(mocks, "_is_allowed", lambda *_: True)
    own = {"CA": tmp_path / "ca.pem", "CERT": tmp_path / "own.pem", "TENANT_NETWORKS": "127.0.0.0/8"}
    define(quotes={"BASE_URL": "https://base.test", "REUSE_CONNECTIONS": True, **own})
    async with server:
        yield server
        define(quotes={})


async def test_the_certificate_of_this_service_is_shown_to_its_upstream_alone(server):
    for one in (quotes, quotes.using(base_url="https://tenant.test"), quotes.using(headers={"X-A": "1"})):
        assert await one.random() == Quote("a", "b")
    assert server.shown == [True, False, True]


async def test_the_name_of_a_tenants_server_is_verified(server):
    with pytest.raises(UpstreamCertificateError):
        await quotes.using(base_url="https://other.test").random()
    assert server.shown == []
