"""How connections are opened, and how long they are kept."""

import asyncio
import socket
from urllib.parse import urlsplit

import pytest

from services import UpstreamUnreachable
from testing.upstream import Loopback, answer

OK = answer(b"good")


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
    names[0]["two.test"] = [("127.0.0.1", 9), ("127.0.0.1", urlsplit(loopback.url).port)]
    loopback.on("/x", OK)
    assert await ask(make_wire(BASE_URL="http://two.test", ALLOW_HTTP=True), url="http://two.test") == b"good"


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
