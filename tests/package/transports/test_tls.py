"""TLS and the choice of HTTP/2 or HTTP/1.1, over every transport."""

from pathlib import Path

import pytest
import trustme
from upstreams import UpstreamConnectionError, UpstreamProtocolError
from upstreams.core.errors import UpstreamCertificateError

from transports.servers import saying, server_tls
from transports.upstreams_of import upstream_of


async def test_a_certificate_of_the_authority_is_trusted(secure, opened, ca):
    tested = await opened(secure.url, CA=ca)
    assert (await tested.get("a")).content == b"good"
    assert (await tested.get("a")).content == b"good"
    assert secure.accepted == 1


async def test_any_other_certificate_is_refused_and_nothing_is_sent(secure, opened):
    tested = await opened(secure.url, MAX_ATTEMPTS=3)
    with pytest.raises(
        UpstreamCertificateError, match=r"the certificate of localhost:[0-9]+ is not valid.*; set CA"
    ) as caught:
        await tested.get("a")
    assert (caught.value.phase, caught.value.attempts) == ("connect", 1)
    assert secure.requests == []


async def test_a_certificate_is_for_one_name(secure, opened, ca):
    tested = await opened(secure.url.replace("localhost", "127.0.0.1"), CA=ca)
    with pytest.raises(UpstreamCertificateError, match="write a host of the certificate in BASE_URL"):
        await tested.get("a")


async def test_a_new_authority_is_trusted_from_the_next_connection_on(secure, opened, ca, tmp_path):
    file = tmp_path / "mine.pem"
    trustme.CA().cert_pem.write_to_path(file)
    tested = await opened(secure.url, CA=str(file))
    with pytest.raises(UpstreamCertificateError):
        await tested.get("a")
    file.write_bytes(Path(ca).read_bytes())
    assert (await tested.get("a")).content == b"good"


async def test_a_port_without_tls_is_said_to_have_none(upstream, opened):
    tested = await opened(upstream.url.replace("http:", "https:"), CONNECT_TIMEOUT=0.3)
    with pytest.raises(UpstreamConnectionError) as caught:
        await tested.get("a")
    assert caught.value.phase == "connect"


@pytest.mark.parametrize("kind", ["http1", "httpx", "aiohttp"], indirect=True)
async def test_an_upstream_of_http2_only_names_the_key(opened, kind):
    async with upstream_of("http2") as upstream:
        tested = await opened(upstream.url)
        with pytest.raises(UpstreamProtocolError, match='speaks HTTP/2 only: write "TRANSPORT": "http2"'):
            await tested.get("a")


@pytest.mark.parametrize("kind", ["http1"], indirect=True)
async def test_a_tls_port_of_http2_only_names_the_key(opened, authority, ca):
    async with upstream_of("http2", server_tls(authority, "h2")) as upstream:
        tested = await opened(upstream.url.replace("127.0.0.1", "localhost"), CA=ca)
        with pytest.raises(
            (UpstreamConnectionError, UpstreamProtocolError), match='write "TRANSPORT": "http2"'
        ):
            await tested.get("a")


@pytest.mark.parametrize("kind", ["http2"], indirect=True)
@pytest.mark.parametrize(
    ("says", "match"),
    [
        (
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            'it is not HTTP/2 .*; it speaks HTTP/1.1: write "TRANSPORT": "http1"',
        ),
        (b"", 'if it speaks no HTTP/2, write "TRANSPORT": "http1"'),
    ],
)
async def test_an_upstream_of_http1_only_names_the_key(opened, says, match):
    async with saying(says) as address:
        tested = await opened(f"http://{address}")
        with pytest.raises((UpstreamConnectionError, UpstreamProtocolError), match=match):
            await tested.get("a")


@pytest.mark.parametrize("kind", ["http2"], indirect=True)
async def test_http2_over_tls_falls_back_to_what_the_server_offers(opened, authority, ca):
    async with upstream_of("http1", server_tls(authority, "http/1.1")) as upstream:
        upstream.serve("/a")
        url = upstream.url.replace("127.0.0.1", "localhost")
        tested = await opened(url, CA=ca, POOL_IDLE_TIMEOUT=0.1)
        assert (await tested.get("a")).http_version == "HTTP/1.1"
        await upstream.all_closed()
