"""Ways through a proxy: tunnels to secure upstreams, whole URLs to the others."""

import asyncio
from base64 import b64decode
from urllib.parse import urlsplit

import pytest
from upstreams import UpstreamConnectionError, UpstreamProtocolError
from upstreams.core.errors import UpstreamCertificateError
from upstreams.testing.loopback import http_response


class Tunnel:
    """A proxy that opens tunnels, or says what a test wants it to say."""

    def __init__(self):
        self.requests = []
        self.says = b"HTTP/1.1 200 Connection established\r\nx: y\r\n\r\n"
        self.leads_to = 0
        self._tasks = set()

    async def serve(self, reader, writer):
        self.requests.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(self.says)
        if not self.leads_to:
            if b"\r\n\r\n" in self.says:
                await reader.read()
            writer.close()
            return
        back, there = await asyncio.open_connection("127.0.0.1", self.leads_to)
        self._tasks = {asyncio.create_task(_pipe(reader, there)), asyncio.create_task(_pipe(back, writer))}
        await asyncio.wait(self._tasks)


async def _pipe(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()


@pytest.fixture
async def tunnel():
    tunnel = Tunnel()
    server = await asyncio.start_server(tunnel.serve, "127.0.0.1")
    tunnel.port = server.sockets[0].getsockname()[1]
    yield tunnel
    server.close()
    await asyncio.wait_for(server.wait_closed(), 10)


async def test_a_tunnel_leads_to_the_upstream_itself(secure, ca, tunnel, make_transport, ask):
    tunnel.leads_to = urlsplit(secure.url).port
    proxy = f"http://us%40er:p%3Ass@127.0.0.1:{tunnel.port}"
    transport = make_transport(BASE_URL="https://secure.test", PROXY=proxy, CA=ca)
    assert [await ask(transport, url="https://secure.test") for _ in range(3)] == [b"good"] * 3
    (request,) = tunnel.requests
    assert request.splitlines() == [
        "CONNECT secure.test:443 HTTP/1.1",
        "Host: secure.test:443",
        "Proxy-Authorization: Basic dXNAZXI6cDpzcw==",
        "",
    ]
    assert "proxy-authorization" not in secure.requests[0].headers
    assert (secure.requests[0].target, secure.accepted) == ("/x", 1)


@pytest.mark.parametrize(
    ("user", "octets"),
    [("Jos%C3%A9", "Jos\u00e9:p".encode()), ("Jos%E9", b"Jos\xe9:p"), ("\u65e5", "\u65e5:p".encode())],
)
async def test_credentials_of_a_proxy_are_the_octets_that_are_written(
    make_transport, ask, loopback, user, octets
):
    loopback.on("http://plain.test/x", http_response(b"good"))
    proxy = loopback.url.replace("//", f"//{user}:p@")
    transport = make_transport(BASE_URL="http://plain.test", ALLOW_HTTP=True, PROXY=proxy)
    await ask(transport, url="http://plain.test")
    (request,) = loopback.requests
    assert b64decode(request.headers["proxy-authorization"].removeprefix("Basic ")) == octets


async def test_a_tunnel_does_not_make_a_certificate_valid(secure, ca, tunnel, make_transport, ask):
    tunnel.leads_to = urlsplit(secure.url).port
    transport = make_transport(BASE_URL="https://other.test", PROXY=f"http://127.0.0.1:{tunnel.port}", CA=ca)
    with pytest.raises(UpstreamCertificateError, match=r"the certificate of other\.test:443 is not valid"):
        await ask(transport, url="https://other.test")
    assert transport.pool.counts == (0, 0, 0.0)


@pytest.mark.parametrize(
    ("says", "error", "match"),
    [
        (
            b"HTTP/1.1 407 -\r\n\r\n",
            UpstreamConnectionError,
            r"the proxy refused the tunnel with status 407 .*; write its credentials in PROXY",
        ),
        (
            b"HTTP/1.1 302 -\r\ncontent-length: 5\r\n\r\nhello",
            UpstreamConnectionError,
            "the proxy refused the tunnel with status 302",
        ),
        (b"", UpstreamConnectionError, "the proxy closed the connection"),
        (b"HTTP/1.1 200", UpstreamConnectionError, "the proxy closed the connection"),
        (
            b"SSH-2.0-x\r\n",
            UpstreamProtocolError,
            "the response of the proxy, .*, is refused: it is not HTTP",
        ),
        (
            b"HTTP/1.1 200 -\r\n\r\n\x16\x03\x01",
            UpstreamProtocolError,
            r"the response of the proxy, secure\.test:443 through 127\.0\.0\.1:\d+, is refused: more bytes follow it",
        ),
    ],
)
async def test_a_tunnel_that_is_none_is_named(tunnel, make_transport, ask, says, error, match):
    tunnel.says = says
    transport = make_transport(BASE_URL="https://secure.test", PROXY=f"http://127.0.0.1:{tunnel.port}")
    with pytest.raises(error, match=match) as caught:
        await ask(transport, url="https://secure.test")
    assert getattr(caught.value, "phase", "connect") == "connect"
    assert transport.pool.counts == (0, 0, 0.0)


async def test_a_proxy_that_is_not_there_is_named(make_transport, ask):
    transport = make_transport(BASE_URL="https://secure.test", PROXY="http://user:secret@127.0.0.1:9")
    with pytest.raises(
        UpstreamConnectionError, match=r"cannot connect to 127\.0\.0\.1:9: .*, or correct PROXY$"
    ):
        await ask(transport, url="https://secure.test")


async def test_a_proxy_gets_the_whole_url(make_transport, ask, loopback):
    loopback.on("http://plain.test:81/x", http_response(b"good"))
    transport = make_transport(BASE_URL="http://plain.test:81", ALLOW_HTTP=True, PROXY=loopback.url)
    await ask(transport, url="http://plain.test:81", params={"a": "b"})
    (request,) = loopback.requests
    assert (request.target, request.headers["host"]) == ("http://plain.test:81/x?a=b", "plain.test:81")


async def test_a_proxy_that_asks_for_credentials_is_not_taken_for_the_upstream(
    make_transport, send, loopback
):
    loopback.on("http://plain.test/x", http_response(b"who?", 407))
    transport = make_transport(BASE_URL="http://plain.test", ALLOW_HTTP=True, PROXY=loopback.url)
    with pytest.raises(
        UpstreamConnectionError, match="the proxy refused the request with status 407"
    ) as caught:
        await send(transport, url="http://plain.test")
    assert str(caught.value).endswith("; write its credentials in PROXY")
    assert caught.value.phase == "connect"


async def test_a_connection_that_a_proxy_closes_names_both(make_transport, send, loopback):
    loopback.on("http://plain.test/x", "close")
    transport = make_transport(BASE_URL="http://plain.test", ALLOW_HTTP=True, PROXY=loopback.url)
    proxy = loopback.url.removeprefix("http://")
    with pytest.raises(UpstreamConnectionError, match=f"to plain.test:80 through {proxy} was lost"):
        await send(transport, url="http://plain.test")
