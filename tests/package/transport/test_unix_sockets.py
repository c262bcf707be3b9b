"""Upstreams on a Unix socket: `BASE_URL` gives the host and the path, `UDS` the way."""

import asyncio
import os
import socket
import ssl
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from upstreams import UpstreamConnectionError
from upstreams.core.definition import parse

from transport.waiting import until

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such sockets")


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "http.sock")


@asynccontextmanager
async def serving(path, tls=None):
    """A server that responds to each request, and keeps the heads that it has read."""
    heads = []

    async def serve(reader, writer):
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                heads.append(head.decode())
                writer.write(OK)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async with await asyncio.start_unix_server(serve, path, ssl=tls):
        yield heads


async def fails(make_transport, ask, path, url="http://app.test"):
    with pytest.raises(UpstreamConnectionError) as caught:
        await ask(make_transport(BASE_URL=url, UDS=path, ALLOW_HTTP=True), url=url)
    assert caught.value.phase == "connect"
    return str(caught.value)


async def test_the_connection_goes_to_the_socket_and_is_kept(path, make_transport, ask):
    url = "http://app.test/v1"
    transport = make_transport(BASE_URL=url, UDS=path)
    async with serving(path) as heads:
        assert await ask(transport, url=url) == b"good"
        assert await ask(transport, url=url) == b"good"
        assert transport.pool.counts[:2] == (0, 1)
    assert heads[0].startswith("GET /v1/x HTTP/1.1\r\n")
    assert "host: app.test\r\n" in heads[0].lower()


async def test_tls_over_a_socket_is_verified_by_the_host(path, authority, ca, make_transport, ask):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("secure.test").configure_cert(context)
    async with serving(path, context):
        url = "https://secure.test"
        assert await ask(make_transport(BASE_URL=url, UDS=path, CA=ca), url=url) == b"good"
        url = "https://other.test"
        with pytest.raises(UpstreamConnectionError, match=r"the certificate of the socket .* is not valid"):
            await ask(make_transport(BASE_URL=url, UDS=path, CA=ca), url=url)


async def test_a_missing_socket_is_named(path, make_transport, ask):
    message = await fails(make_transport, ask, path)
    assert f"cannot connect to the socket {path}: there is no such file" in message
    assert "; start the service that listens there, or correct UDS" in message


async def test_a_socket_that_nobody_listens_at_is_named(path, make_transport, ask):
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(path)
    message = await fails(make_transport, ask, path)
    assert f"the socket {path}: nobody listens there" in message


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may open everything")
async def test_a_socket_without_permission_is_named(path, make_transport, ask):
    async with serving(path):
        Path(path).chmod(0)
        assert "the user of this process may not open it" in await fails(make_transport, ask, path)


async def test_a_connection_that_is_lost_names_the_socket(path, make_transport, ask):
    async def hang_up(reader, writer):
        await reader.read(1)
        writer.close()

    async with await asyncio.start_unix_server(hang_up, path):
        with pytest.raises(UpstreamConnectionError, match=f"the connection, new, to the socket {path} was"):
            await ask(make_transport(BASE_URL="http://app.test", UDS=path), url="http://app.test")


async def test_a_server_that_restarts_is_found_again(path, make_transport, ask):
    url = "http://app.test"
    transport = make_transport(BASE_URL=url, UDS=path)
    async with serving(path):
        await ask(transport, url=url)
        (pooled,) = transport.pool._open
        pooled.connection.transport.abort()  # as the end of its process would
        await until(lambda: not transport.pool._open)
    Path(path).unlink(missing_ok=True)
    with pytest.raises(UpstreamConnectionError, match="there is no such file"):
        await ask(transport, url=url)
    async with serving(path):
        assert await ask(transport, url=url) == b"good"


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        (
            {"UDS": "run/http.sock"},
            '["UDS"]: write the absolute path of the socket, such as /run/quotes/http.sock',
        ),
        ({"UDS": "/" + "a" * 120}, '["UDS"]: is longer than 1'),
        ({"UDS": "/run/a\0b"}, '["UDS"]: write the absolute path'),
        (
            {"UDS": "/run/a", "PROXY": "http://p.test"},
            '["UDS"]: a Unix socket is on this machine; leave out PROXY',
        ),
        ({"SOCKET": "/run/a"}, '["SOCKET"]: unknown key; write "UDS"'),
    ],
)
def test_a_wrong_socket_is_refused_in_one_sentence(keys, problem):
    _, problems = parse({"a": {"BASE_URL": "http://127.0.0.1", **keys}})
    assert len(problems) == 1
    assert problems[0].startswith(f'UPSTREAMS["a"]{problem}')


def test_plain_http_over_a_socket_crosses_no_network(settings):
    settings.DEBUG = False
    assert parse({"a": {"BASE_URL": "http://app.test", "UDS": "/run/a"}})[1] == []
    assert len(parse({"a": {"BASE_URL": "http://app.test"}})[1]) == 1
