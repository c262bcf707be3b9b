"""Secure connections: whom they trust, and how they end."""

import asyncio
from urllib.parse import urlsplit

import pytest
from upstreams import UpstreamConnectionError
from upstreams.core.errors import UpstreamCertificateError

from transport.waiting import until


async def test_a_secure_connection_is_verified_by_name_and_used_again(secure, ca, names, make_transport, ask):
    names[0]["secure.test"] = [("127.0.0.1", 0)]
    url = f"https://secure.test:{urlsplit(secure.url).port}"
    transport = make_transport(BASE_URL=url, CA=ca)
    assert [await ask(transport, url=url) for _ in range(5)] == [b"good"] * 5
    assert secure.accepted == 1
    assert secure.requests[0].headers["host"] == url.removeprefix("https://")


async def test_a_certificate_is_for_one_name(secure, ca, names, make_transport, ask):
    names[0]["other.test"] = [("127.0.0.1", 0)]
    url = f"https://other.test:{urlsplit(secure.url).port}"
    with pytest.raises(
        UpstreamCertificateError, match=r"the certificate of other\.test:\d+ is not valid"
    ) as caught:
        await ask(make_transport(BASE_URL=url, CA=ca), url=url)
    assert caught.value.phase == "connect"
    assert secure.requests == []


async def test_closing_does_not_wait_for_a_goodbye(secure, ca, names, make_transport, send):
    names[0]["secure.test"] = [("127.0.0.1", 0)]
    url = f"https://secure.test:{urlsplit(secure.url).port}"
    transport = make_transport(BASE_URL=url, CA=ca)
    secure.on("/hang", "hang")
    call = asyncio.create_task(send(transport, "/hang", url=url))
    await until(lambda: secure.requests)
    await asyncio.wait_for(transport.aclose(), 5)
    with pytest.raises(UpstreamConnectionError):
        await call
    await asyncio.wait_for(secure.all_closed(), 5)


async def test_tls_that_is_none_cannot_be_connected_to(loopback, make_transport, ask):
    url = loopback.url.replace("http:", "https:")
    with pytest.raises(UpstreamConnectionError, match=r"cannot connect to 127\.0\.0\.1:\d+|no connection to"):
        await ask(make_transport(BASE_URL=url, CONNECT_TIMEOUT=0.2), url=url)
