"""Proxies for HTTP, and Unix sockets, over every transport that has them."""

import asyncio

import pytest
from upstreams import UpstreamConnectionError

from transports.servers import http_proxy


async def test_a_tunnel_leads_to_a_secure_upstream(secure, opened, ca):
    async with http_proxy() as proxy:
        tested = await opened(
            secure.url, CA=ca, PROXY=f"http://user:p%40ss@{proxy.address}", POOL_IDLE_TIMEOUT=0.1
        )
        assert (await tested.get("a")).content == b"good"
    assert proxy.heads[0].startswith(f"CONNECT {secure.url.removeprefix('https://')} ")
    assert "proxy-authorization: Basic dXNlcjpwQHNz" in proxy.heads[0].replace(
        "Proxy-Authorization", "proxy-authorization"
    )


@pytest.mark.parametrize("kind", ["http1", "httpx", "aiohttp"], indirect=True)
async def test_a_plain_request_passes_an_http_proxy(upstream, opened):
    upstream.serve("/a")
    async with http_proxy() as proxy:
        tested = await opened(
            upstream.url, PROXY=f"http://user:p%40ss@{proxy.address}", POOL_IDLE_TIMEOUT=0.1
        )
        assert (await tested.get("a")).content == b"good"
    assert proxy.heads[0].startswith(f"GET {upstream.url}/a ")
    assert "basic dxnlcjpwqhnz" in proxy.heads[0].lower()


@pytest.mark.parametrize("kind", ["http1", "httpx", "aiohttp"], indirect=True)
async def test_a_proxy_that_asks_for_a_login_names_the_key(upstream, opened):
    async with http_proxy() as proxy:
        proxy.status = b"407 No"
        tested = await opened(upstream.url, PROXY=f"http://{proxy.address}")
        with pytest.raises(UpstreamConnectionError, match=r"407 .*; write its credentials in PROXY"):
            await tested.post("a", json={})


async def test_a_tunnel_that_is_refused_names_its_status(secure, opened, ca):
    async with http_proxy() as proxy:
        proxy.status = b"403 No"
        tested = await opened(secure.url, CA=ca, PROXY=f"http://{proxy.address}")
        with pytest.raises(UpstreamConnectionError, match="refused the tunnel with status 403") as caught:
            await tested.post("a", json={})
        assert caught.value.phase == "connect"


@pytest.mark.parametrize("kind", ["http1", "httpx", "aiohttp"], indirect=True)
async def test_a_unix_socket_is_reached_and_named(opened, tmp_path):
    path = str(tmp_path / "http.sock")

    async def serve(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"host: app.test\r\n" in head.lower()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood")
        await reader.read()
        writer.close()

    tested = await opened("http://app.test", UDS=path, POOL_IDLE_TIMEOUT=0.1)
    with pytest.raises(UpstreamConnectionError, match=f"the socket {path}: there is no such file"):
        await tested.get("a")
    async with await asyncio.start_unix_server(serve, path):
        assert (await tested.get("a")).content == b"good"
