"""Why a connection failed, by real servers: each reason with the address, and without secrets."""

import asyncio
import errno
import re
import socket
import ssl
from contextlib import asynccontextmanager

import pytest
import trustme
from upstreams import UpstreamConnectionError
from upstreams.testing.server import reset_when_closed

from transport.refusing import refusing


@asynccontextmanager
async def resetting():
    """A server that resets each connection at once."""

    async def reset(_, writer):
        reset_when_closed(writer)
        writer.transport.abort()

    async with await asyncio.start_server(reset, "127.0.0.1") as server:
        yield server.sockets[0].getsockname()[1]


async def failure(make_transport, ask, url, **keys):
    with pytest.raises(UpstreamConnectionError) as caught:
        await ask(make_transport(BASE_URL=url, **keys), url=url)
    return str(caught.value)


@pytest.fixture
def context(authority, names):
    """The context of a server that goes by the name of secure.test."""
    names[0]["secure.test"] = [("127.0.0.1", 0)]
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("secure.test").configure_cert(context)
    return context


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
async def test_a_version_of_tls_that_is_too_old_is_named(context, ca, make_transport, ask):
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    async with refusing(context) as port:
        message = await failure(make_transport, ask, f"https://secure.test:{port}", CA=ca)
    assert f"secure.test:{port}: it speaks neither TLS 1.2 nor 1.3 (1 attempt); turn one" in message


@pytest.mark.parametrize("has_certificate", [False, True])
async def test_a_lost_tls_connection_lacks_a_certificate_perhaps(
    context, authority, ca, tmp_path, make_transport, ask, has_certificate
):
    authority.issue_cert("client.test").private_key_and_cert_chain_pem.write_to_path(tmp_path / "c.pem")
    keys = {"CERT": str(tmp_path / "c.pem")} if has_certificate else {}
    async with refusing(context) as port:  # refuses nothing, and hangs up
        message = await failure(make_transport, ask, f"https://secure.test:{port}", CA=ca, **keys)
    assert re.search(r"was (lost|reset) before any response \(1 attempt\)", message)
    assert ("; if it asks for a client certificate, set CERT" in message) is not has_certificate


@pytest.mark.parametrize(
    ("alert", "reason"),
    [
        (120, 'it does not offer HTTP/1.1, only HTTP/2 perhaps (1 attempt); write "TRANSPORT": "http2"'),
        (70, "it speaks neither TLS 1.2 nor 1.3 (1 attempt); turn one"),
        (49, "the TLS handshake failed (tlsv1 alert access denied) (1 attempt); set CERT if it asks"),
    ],
    ids=["no_application_protocol", "protocol_version", "access_denied"],
)
async def test_an_alert_instead_of_a_handshake_is_named(make_transport, ask, alert, reason):
    async def refuse(reader, writer):
        await reader.read(1)
        writer.write(b"\x15\x03\x03\0\2\2" + bytes([alert]))  # fatal (RFC 8446 §6)
        await writer.drain()
        await reader.read(2**16)
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        message = await failure(make_transport, ask, f"https://127.0.0.1:{port}")
    assert f"cannot connect to 127.0.0.1:{port}: {reason}" in message


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_client_certificate_of_another_authority_is_named(
    context, authority, ca, tmp_path, make_transport, ask, version
):
    trustme.CA().issue_cert("client.test").private_key_and_cert_chain_pem.write_to_path(tmp_path / "c.pem")
    context.minimum_version = context.maximum_version = version
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    async with refusing(context) as port:
        url = f"https://secure.test:{port}"
        message = await failure(make_transport, ask, url, CA=ca, CERT=str(tmp_path / "c.pem"))
    assert f"secure.test:{port}" in message
    assert re.search(r"unknown ca\).*set CERT", message)


@pytest.mark.parametrize(
    ("scheme", "reason"), [("http", "was reset before"), ("https", "it reset the connection")]
)
async def test_a_reset_is_named(make_transport, ask, scheme, reason):
    async with resetting() as port:
        message = await failure(make_transport, ask, f"{scheme}://127.0.0.1:{port}")
    assert f"127.0.0.1:{port}" in message
    assert reason in message


async def test_addresses_that_fail_in_two_ways_have_a_reason(make_transport, ask, names, monkeypatch):
    """As where a container has no IPv6: one address is unreachable, the other one refuses."""

    async def fail(*_, **__):
        raise OSError(
            "Multiple exceptions: [Errno 101] Network is unreachable, [Errno 111] Connect call failed"
        )

    monkeypatch.setattr("aiohappyeyeballs.start_connection", fail)
    names[0]["two.test"] = [("127.0.0.1", 9), ("127.0.0.2", 9)]
    message = await failure(make_transport, ask, "http://two.test", ALLOW_HTTP=True)
    assert "cannot connect to two.test:80: it refuses connections" in message


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
            "does not resolve: temporary failure in name resolution (1 attempt); check BASE_URL and the DNS here",
        ),
        (
            OSError(errno.EMFILE, "Too many open files"),
            "cannot be looked up: too many files are open (1 attempt); raise the limit of this process (ulimit -n)",
        ),
    ],
)
async def test_a_look_up_that_fails_has_its_reason(make_transport, ask, monkeypatch, error, reason):
    def fail(*_):
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    message = await failure(make_transport, ask, "http://some.test", ALLOW_HTTP=True)
    assert message.endswith(f"the name some.test {reason}")
