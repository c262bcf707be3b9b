"""How connections are opened: names, addresses, TLS, tunnels; and how long they are kept."""

import asyncio
import socket
import ssl

import pytest
import trustme

from services import BrokenAnswer, UpstreamUnreachable
from services.core.errors import UpstreamUntrusted
from services.core.network import FRESH, Resolver
from testing.upstream import Loopback, answer
from tests.http1.waiting import until

OK = answer(b"good")


@pytest.fixture
def authority():
    return trustme.CA()


@pytest.fixture
def ca(authority, tmp_path):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return str(tmp_path / "ca.pem")


@pytest.fixture
def secure(authority):
    """An HTTPS upstream that goes by the name of secure.test."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("secure.test").configure_cert(context)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with Loopback(context) as upstream:
        yield upstream.on("/x", OK)


@pytest.fixture
def names(monkeypatch):
    """Names and their addresses, in place of the real ones; and which were looked up."""

    def look_up(host, port, *_):
        asked.append(host)
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, to or port)) for ip, to in known[host]]

    asked = []
    known = {}
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known, asked


def port(url):
    return int(url.rpartition(":")[2])


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


async def test_a_secure_connection_is_verified_by_name_and_used_again(secure, ca, names, make_wire, ask):
    names[0]["secure.test"] = [("127.0.0.1", 0)]
    url = f"https://secure.test:{port(secure.url)}"
    wire = make_wire(BASE_URL=url, CA=ca)
    assert [await ask(wire, url=url) for _ in range(5)] == [b"good"] * 5
    assert secure.accepted == 1
    assert secure.requests[0].headers["host"] == url.removeprefix("https://")


async def test_a_certificate_is_for_one_name(secure, ca, names, make_wire, ask):
    names[0]["other.test"] = [("127.0.0.1", 0)]
    url = f"https://other.test:{port(secure.url)}"
    with pytest.raises(UpstreamUntrusted, match=r"the certificate of other\.test:\d+ is not valid") as caught:
        await ask(make_wire(BASE_URL=url, CA=ca), url=url)
    assert caught.value.point == "connect"
    assert secure.requests == []


async def test_closing_does_not_wait_for_a_goodbye(secure, ca, names, make_wire, send):
    names[0]["secure.test"] = [("127.0.0.1", 0)]
    url = f"https://secure.test:{port(secure.url)}"
    wire = make_wire(BASE_URL=url, CA=ca)
    secure.on("/hang", "hang")
    call = asyncio.create_task(send(wire, "/hang", url=url))
    await until(lambda: secure.requests)
    await asyncio.wait_for(wire.aclose(), 5)
    with pytest.raises(UpstreamUnreachable):
        await call
    await asyncio.wait_for(secure.all_closed(), 5)


async def test_tls_that_is_none_cannot_be_connected_to(loopback, make_wire, ask):
    url = loopback.url.replace("http:", "https:")
    with pytest.raises(UpstreamUnreachable, match=r"cannot connect to 127\.0\.0\.1:\d+|no connection within"):
        await ask(make_wire(BASE_URL=url, CONNECT=0.2), url=url)


async def test_a_tunnel_leads_to_the_upstream_itself(secure, ca, tunnel, make_wire, ask):
    tunnel.leads_to = port(secure.url)
    proxy = f"http://us%40er:p%3Ass@127.0.0.1:{tunnel.port}"
    wire = make_wire(BASE_URL="https://secure.test", PROXY=proxy, CA=ca)
    assert [await ask(wire, url="https://secure.test") for _ in range(3)] == [b"good"] * 3
    (request,) = tunnel.requests
    assert request.splitlines() == [
        "CONNECT secure.test:443 HTTP/1.1",
        "Host: secure.test:443",
        "Proxy-Authorization: Basic dXNAZXI6cDpzcw==",
        "",
    ]
    assert "proxy-authorization" not in secure.requests[0].headers
    assert (secure.requests[0].target, secure.accepted) == ("/x", 1)


async def test_a_tunnel_does_not_make_a_certificate_valid(secure, ca, tunnel, make_wire, ask):
    tunnel.leads_to = port(secure.url)
    wire = make_wire(BASE_URL="https://other.test", PROXY=f"http://127.0.0.1:{tunnel.port}", CA=ca)
    with pytest.raises(UpstreamUntrusted, match=r"the certificate of other\.test:443 is not valid"):
        await ask(wire, url="https://other.test")
    assert wire.pool.counts == (0, 0, 0.0)


@pytest.mark.parametrize(
    ("says", "error", "match"),
    [
        (b"HTTP/1.1 407 -\r\n\r\n", UpstreamUnreachable, "the proxy refused with 407"),
        (
            b"HTTP/1.1 302 -\r\ncontent-length: 5\r\n\r\nhello",
            UpstreamUnreachable,
            "the proxy refused with 302",
        ),
        (b"", UpstreamUnreachable, "the proxy closed the connection"),
        (b"HTTP/1.1 200", UpstreamUnreachable, "the proxy closed the connection"),
        (b"SSH-2.0-x\r\n", BrokenAnswer, "the answer of the proxy is not HTTP"),
        (b"HTTP/1.1 200 -\r\n\r\n\x16\x03\x01", BrokenAnswer, "the answer of the proxy is not HTTP"),
    ],
)
async def test_a_tunnel_that_is_none_is_named(tunnel, make_wire, ask, says, error, match):
    tunnel.says = says
    wire = make_wire(BASE_URL="https://secure.test", PROXY=f"http://127.0.0.1:{tunnel.port}")
    with pytest.raises(error, match=match) as caught:
        await ask(wire, url="https://secure.test")
    assert getattr(caught.value, "point", "connect") == "connect"
    assert wire.pool.counts == (0, 0, 0.0)


async def test_a_proxy_that_is_not_there_is_named(make_wire, ask):
    wire = make_wire(BASE_URL="https://secure.test", PROXY="http://user:secret@127.0.0.1:9")
    with pytest.raises(UpstreamUnreachable, match=r"cannot connect to 127\.0\.0\.1:9$"):
        await ask(wire, url="https://secure.test")


async def test_a_proxy_gets_the_whole_url(make_wire, ask, loopback):
    loopback.on("http://plain.test:81/x", OK)
    wire = make_wire(BASE_URL="http://plain.test:81", ALLOW_HTTP=True, PROXY=loopback.url)
    await ask(wire, url="http://plain.test:81", params={"a": "b"})
    (request,) = loopback.requests
    assert (request.target, request.headers["host"]) == ("http://plain.test:81/x?a=b", "plain.test:81")


async def test_a_connection_that_takes_too_long_is_given_up(make_wire, ask):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(UpstreamUnreachable, match=r"no connection within 0\.05 s") as caught:
            await ask(make_wire(BASE_URL=url, CONNECT=0.05), url=url)
    assert caught.value.point == "connect"


async def test_a_caller_that_gives_up_while_connecting_leaves_nothing(make_wire, ask):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        wire = make_wire(BASE_URL=url)
        call = asyncio.create_task(ask(wire, url=url))
        accepted, _ = await asyncio.to_thread(silent.accept)
        call.cancel()
        await asyncio.wait([call])
        with accepted, accepted.makefile("rb") as received:
            accepted.settimeout(10)
            await asyncio.to_thread(received.read)  # until it is closed
    assert wire.pool.counts == (0, 0, 0.0)


async def test_one_address_that_refuses_is_no_obstacle(loopback, names, make_wire, ask):
    names[0]["two.test"] = [("127.0.0.1", 9), ("127.0.0.1", port(loopback.url))]
    loopback.on("/x", OK)
    assert await ask(make_wire(BASE_URL="http://two.test", ALLOW_HTTP=True), url="http://two.test") == b"good"


async def test_ten_connections_at_once_look_a_name_up_once(names):
    names[0]["some.test"] = [("127.0.0.1", 1), ("127.0.0.2", 1)]
    resolver = Resolver()
    found = await asyncio.gather(*(resolver.resolve("some.test", 80) for _ in range(10)))
    assert names[1] == ["some.test"]
    assert [addresses[0][4][0] for addresses in found] == ["127.0.0.1", "127.0.0.2"] * 5
    assert {len(addresses) for addresses in found} == {2}


async def test_a_name_is_looked_up_again_after_a_while(names, monkeypatch):
    now = 1000.0
    monkeypatch.setattr("services.core.network.monotonic", lambda: now)
    names[0]["some.test"] = [("127.0.0.1", 1)]
    resolver = Resolver()
    for passed in (0, FRESH - 1, 2, FRESH - 1):
        now += passed
        await resolver.resolve("some.test", 80)
    assert len(names[1]) == 2


async def test_a_name_that_was_not_found_is_looked_up_again(names):
    resolver = Resolver()
    with pytest.raises(OSError, match="not known"):
        await resolver.resolve("some.test", 80)
    names[0]["some.test"] = [("127.0.0.1", 1)]
    assert len(await resolver.resolve("some.test", 80)) == 1


@pytest.mark.parametrize(("host", "family"), [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)])
async def test_an_address_needs_no_look_up(names, host, family):
    assert await Resolver().resolve(host, 80) == [(family, socket.SOCK_STREAM, 6, "", (host, 80))]
    assert names[1] == []


async def test_an_idle_connection_is_closed_in_time(make_wire, ask, loopback):
    loopback.on("/x", OK)
    wire = make_wire(KEEPALIVE=0.05)
    await ask(wire)
    await asyncio.wait_for(loopback.all_closed(), 5)
    assert wire.pool.counts == (0, 0, 0.0)


async def test_the_connection_used_last_is_used_next(make_wire, send, ask, loopback):
    loopback.on("/x", OK).on("/slow", b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n", 0.01, b"x")
    wire = make_wire()
    slow = await send(wire, "/slow", stream=True)
    await ask(wire)
    first = wire.pool._idle[next(iter(wire.pool._idle))][0]
    assert b"".join([chunk async for chunk in slow.stream]) == b"x"
    await ask(wire)
    (line,) = wire.pool._idle.values()
    assert (line[0], len(line)) == (first, 2)


async def test_each_origin_has_connections_of_its_own(wire, ask, loopback):
    loopback.on("/x", OK)
    await ask(wire)
    with Loopback() as other:
        other.on("/x", answer(b"other"))
        assert await ask(wire, url=other.url) == b"other"
        assert await ask(wire) == b"good"
        await wire.aclose()
    assert (loopback.accepted, other.accepted) == (1, 1)
