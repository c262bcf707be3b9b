import asyncio
import socket
import ssl
from contextlib import AsyncExitStack

import pytest
import trustme
from upstreams.core.call import Call
from upstreams.core.definition import parse
from upstreams.core.httpx import Request
from upstreams.testing.loopback import Loopback, http_response
from upstreams.transport.http1_transport import HTTP1Transport


@pytest.fixture
async def make_transport(loopback):
    """Makes transports to `loopback`; they are closed after the test."""
    async with AsyncExitStack() as stack:

        def make_transport(**keys):
            definitions, problems = parse({"tested": {"BASE_URL": loopback.url, **keys}})
            assert problems == []
            transport = HTTP1Transport(definitions["tested"])
            stack.push_async_callback(transport.aclose)
            return transport

        yield make_transport


@pytest.fixture
async def transport(make_transport):
    return make_transport()


@pytest.fixture
def send(loopback):
    """Sends a request as the policies do, and leaves the response unread."""

    async def send(transport, path="/x", method="GET", *, stream=False, url=None, body=None, **more):
        call = Call("tested", method, path, stream=stream)
        if body is not None:
            more["stream"] = body
        request = Request(method, (url or loopback.url) + path, extensions={"call": call}, **more)
        async with asyncio.timeout(10):
            return await transport.handle_async_request(request)

    return send


@pytest.fixture
def ask(send):
    """Sends a request, and reads the response."""

    async def ask(*where, **more):
        response = await send(*where, **more)
        try:
            async with asyncio.timeout(10):
                return b"".join([chunk async for chunk in response.stream])
        finally:
            await response.stream.aclose()

    return ask


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
        yield upstream.on("/x", http_response(b"good"))


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
