"""Where an upstream cannot be reached or speaks something else, the error says what is probably wrong."""

import asyncio
import re
import socket
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from upstreams import UpstreamConnectionError, UpstreamError, UpstreamProtocolError
from upstreams.core.errors import UpstreamCertificateError
from upstreams.testing.loopback import Loopback

from transport.refusing import refusing

BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
HTTP2_SETTINGS = b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64"
TLS_ALERT = b"\x15\x03\x01\x00\x02\x02\x28"


@asynccontextmanager
async def serving(says, *, first=False, tls=None):
    """A server that says the same to whatever it receives, or at once, and hangs up; None says nothing and waits."""

    async def serve(reader, writer):
        if not first:
            await reader.read(1)
        if says is None:
            await reader.read()
        else:
            writer.write(says)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def fails(kind, make_transport, ask, url, **keys):
    with pytest.raises(kind) as caught:
        await ask(make_transport(BASE_URL=url, **keys), url=url)
    return str(caught.value)


async def test_a_port_that_answers_tls_in_http_does_not_speak_tls(make_transport, ask):
    async with serving(BAD_REQUEST) as port:
        message = await fails(UpstreamConnectionError, make_transport, ask, f"https://127.0.0.1:{port}")
    assert f"127.0.0.1:{port}: it does not speak TLS" in message
    assert "; write http:// in BASE_URL, or the port that speaks TLS" in message


async def test_a_port_that_hangs_up_on_tls_perhaps_does_not_speak_it(make_transport, ask):
    async with serving(b"") as port:
        message = await fails(UpstreamConnectionError, make_transport, ask, f"https://127.0.0.1:{port}")
    assert "closed the connection during the TLS handshake" in message
    assert "if it does not speak TLS, write http://" in message


async def test_a_port_that_waits_for_the_end_of_tls_perhaps_does_not_speak_it(make_transport, ask):
    async with serving(None) as port:
        url = f"https://127.0.0.1:{port}"
        message = await fails(UpstreamConnectionError, make_transport, ask, url, CONNECT_TIMEOUT=0.1)
    assert f"no connection to 127.0.0.1:{port} within CONNECT_TIMEOUT, 0.1 s" in message
    assert "the TLS handshake did not end: if it does not speak TLS, write http://" in message


async def test_plain_http_to_a_real_tls_port_says_https(make_transport, ask, secure):
    url = f"http://127.0.0.1:{urlsplit(secure.url).port}"
    message = await fails(UpstreamError, make_transport, ask, url)
    assert re.search("port speaks TLS[:,] write https:// in BASE_URL", message)


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(
    ("says", "kind", "hint"),
    [
        (TLS_ALERT, UpstreamProtocolError, "; the port speaks TLS: write https:// in BASE_URL"),
        (b"", UpstreamConnectionError, "; if the port speaks TLS, write https:// in BASE_URL"),
        (HTTP2_SETTINGS, UpstreamProtocolError, "; the port speaks HTTP/2 only"),
        (
            b"SSH-2.0-OpenSSH_9.6\r\n",
            UpstreamProtocolError,
            "; the port speaks another protocol: check BASE_URL",
        ),
        (b"-ERR unknown command\r\n", UpstreamProtocolError, "; the port speaks another protocol"),
        (b"nonsense\r\n\r\n", UpstreamProtocolError, r"HTTP/1.1 \(1 attempt\)$"),
    ],
)
async def test_a_port_of_another_protocol_is_named(make_transport, ask, says, kind, hint, first):
    async with serving(says, first=first) as port:
        message = await fails(kind, make_transport, ask, f"http://127.0.0.1:{port}")
    assert re.search(hint, message)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_client_certificate_that_is_asked_for_is_named(
    authority, ca, names, make_transport, ask, version
):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = context.maximum_version = version
    context.verify_mode = ssl.CERT_REQUIRED
    authority.issue_cert("secure.test").configure_cert(context)
    authority.configure_trust(context)
    names[0]["secure.test"] = [("127.0.0.1", 0)]

    async with refusing(context) as port:
        url = f"https://secure.test:{port}"
        message = await fails(UpstreamConnectionError, make_transport, ask, url, CA=ca)
    assert "set CERT" in message


async def test_a_certificate_of_an_unknown_authority_needs_ca(secure, names, make_transport, ask):
    names[0]["secure.test"] = [("127.0.0.1", 0)]
    url = f"https://secure.test:{urlsplit(secure.url).port}"
    message = await fails(UpstreamCertificateError, make_transport, ask, url)
    assert "; set CA to a file with the certificate of its authority" in message


async def test_a_certificate_for_another_name_needs_that_name(secure, ca, names, make_transport, ask):
    names[0]["other.test"] = [("127.0.0.1", 0)]
    url = f"https://other.test:{urlsplit(secure.url).port}"
    message = await fails(UpstreamCertificateError, make_transport, ask, url, CA=ca)
    assert "; write a host of the certificate in BASE_URL" in message


async def test_a_certificate_that_has_expired_must_be_renewed(authority, ca, names, make_transport, ask):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("secure.test", not_after=datetime(2020, 1, 1, tzinfo=UTC)).configure_cert(context)
    names[0]["secure.test"] = [("127.0.0.1", 0)]
    with Loopback(context) as upstream:
        url = f"https://secure.test:{urlsplit(upstream.url).port}"
        message = await fails(UpstreamCertificateError, make_transport, ask, url, CA=ca)
    assert "has expired" in message
    assert "; the upstream must renew it" in message


async def test_a_port_where_nothing_listens_refuses(make_transport, ask):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    message = await fails(UpstreamConnectionError, make_transport, ask, f"http://127.0.0.1:{port}")
    assert f"127.0.0.1:{port}: it refuses connections (1 attempt); start the service" in message
    assert message.endswith("or correct BASE_URL")


@pytest.mark.usefixtures("names")
async def test_a_name_that_does_not_resolve_is_in_base_url_or_in_proxy(make_transport, ask):
    url = "https://wrong.test"
    message = await fails(UpstreamConnectionError, make_transport, ask, url)
    assert message.endswith(
        "the name wrong.test does not resolve: not known (1 attempt); check BASE_URL and the DNS here"
    )
    message = await fails(UpstreamConnectionError, make_transport, ask, url, PROXY="http://proxy.test:3128")
    assert message.endswith(
        "the name proxy.test does not resolve: not known (1 attempt); check PROXY and the DNS here"
    )
