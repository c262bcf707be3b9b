"""Proxies of SOCKS."""

import pytest
from upstreams import UpstreamConnectionError

from transports.servers import saying
from transports.socks_proxy import SocksProxy


@pytest.fixture
async def socks():
    async with SocksProxy() as proxy:
        yield proxy


of_socks = pytest.mark.parametrize("kind", ["httpx", "http2"], indirect=True)


@of_socks
@pytest.mark.parametrize("login", ["", "user:p%40ss@"])
async def test_a_socks_proxy_leads_to_the_upstream(upstream, opened, socks, login):
    socks.login = (b"user", b"p@ss") if login else None
    tested = await opened(upstream.url, PROXY=f"socks5://{login}127.0.0.1:{socks.port}")
    upstream.serve("/a")
    assert (await tested.get("a")).content == b"good"
    assert socks.targets == [("127.0.0.1", int(upstream.url.rpartition(":")[2]))]


@of_socks
async def test_tls_goes_through_a_socks_proxy(secure, opened, socks, ca):
    tested = await opened(secure.url, CA=ca, PROXY=f"socks5://127.0.0.1:{socks.port}")
    assert (await tested.get("a")).content == b"good"
    assert socks.targets[0][0] == "localhost"  # the proxy looks the name up


@of_socks
async def test_a_socks_proxy_that_refuses_a_login_names_the_key(upstream, opened, socks):
    socks.login = b"user", b"right"
    tested = await opened(upstream.url, PROXY=f"socks5://user:wrong@127.0.0.1:{socks.port}")
    with pytest.raises(
        UpstreamConnectionError,
        match=r"Invalid username/password .*; check the user and the password in PROXY",
    ) as caught:
        await tested.get("a")
    assert caught.value.phase == "connect"


@of_socks
async def test_a_socks_proxy_that_cannot_connect_says_why(opened, socks):
    socks.reply = 5
    tested = await opened("http://127.0.0.1:9", PROXY=f"socks5://127.0.0.1:{socks.port}")
    with pytest.raises(
        UpstreamConnectionError,
        match=r"refused the connection to 127\.0\.0\.1:9: Connection refused .*; check BASE_URL",
    ) as caught:
        await tested.post("a", json={})
    assert caught.value.phase == "connect"


@of_socks
@pytest.mark.parametrize("says", [b"", b"\x05", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
async def test_a_proxy_that_speaks_no_socks_is_named(upstream, opened, says):
    async with saying(says) as address:
        tested = await opened(upstream.url, PROXY=f"socks5://{address}")
        with pytest.raises(UpstreamConnectionError, match=r"does not speak SOCKS5.*; check PROXY") as caught:
            await tested.post("a", json={})
        assert caught.value.phase == "connect"


@of_socks
async def test_a_proxy_that_says_nothing_takes_connect_timeout(upstream, opened):
    async with saying(None) as address:
        tested = await opened(upstream.url, PROXY=f"socks5://{address}", CONNECT_TIMEOUT=0.2)
        with pytest.raises(
            UpstreamConnectionError, match=f"no connection to {address} within CONNECT_TIMEOUT"
        ):
            await tested.get("a")
