"""How connections are opened, and how long they are kept."""

import asyncio
import socket
from urllib.parse import urlsplit

import pytest
from upstreams import UpstreamConnectionError
from upstreams.testing.loopback import Loopback, http_response

OK = http_response(b"good")


async def test_a_connection_that_takes_too_long_is_given_up(make_transport, ask):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(
            UpstreamConnectionError,
            match=r"no connection to 127\.0\.0\.1:\d+ within CONNECT_TIMEOUT, 0\.05 s",
        ) as caught:
            await ask(make_transport(BASE_URL=url, CONNECT_TIMEOUT=0.05), url=url)
    assert (caught.value.phase, caught.value.limit) == ("connect", ("CONNECT_TIMEOUT", 0.05, "s"))


async def test_a_caller_that_gives_up_while_connecting_leaves_nothing(make_transport, ask):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        transport = make_transport(BASE_URL=url)
        call = asyncio.create_task(ask(transport, url=url))
        accepted, _ = await asyncio.to_thread(silent.accept)
        call.cancel()
        await asyncio.wait([call])
        with accepted, accepted.makefile("rb") as received:
            accepted.settimeout(10)
            await asyncio.to_thread(received.read)  # until it is closed
    assert transport.pool.counts == (0, 0, 0.0)


async def test_one_address_that_refuses_is_no_obstacle(loopback, names, make_transport, ask):
    names[0]["two.test"] = [("127.0.0.1", 9), ("127.0.0.1", urlsplit(loopback.url).port)]
    loopback.on("/x", OK)
    assert (
        await ask(make_transport(BASE_URL="http://two.test", ALLOW_HTTP=True), url="http://two.test")
        == b"good"
    )


async def test_an_idle_connection_is_closed_in_time(make_transport, ask, loopback):
    loopback.on("/x", OK)
    transport = make_transport(POOL_IDLE_TIMEOUT=0.05)
    await ask(transport)
    await asyncio.wait_for(loopback.all_closed(), 5)
    assert transport.pool.counts == (0, 0, 0.0)


async def test_the_connection_used_last_is_used_next(make_transport, send, ask, loopback):
    large = b"HTTP/1.1 200 OK\r\ncontent-length: 5000000\r\n\r\n" + bytes(5_000_000)  # waits to be read
    loopback.on("/x", OK).on("/large", large)
    transport = make_transport()
    slow = await send(transport, "/large", stream=True)
    await ask(transport)
    first = transport.pool._idle[next(iter(transport.pool._idle))][0]
    assert len(b"".join([chunk async for chunk in slow.stream])) == 5_000_000
    await ask(transport)
    (line,) = transport.pool._idle.values()
    assert (line[0], len(line)) == (first, 2)


async def test_each_origin_has_connections_of_its_own(transport, ask, loopback):
    loopback.on("/x", OK)
    await ask(transport)
    with Loopback() as other:
        other.on("/x", http_response(b"other"))
        assert await ask(transport, url=other.url) == b"other"
        assert await ask(transport) == b"good"
        await transport.aclose()
    assert (loopback.accepted, other.accepted) == (1, 1)
