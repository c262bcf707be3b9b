"""How names become addresses."""

import asyncio
import socket
import threading
from urllib.parse import urlsplit

import pytest
from upstreams import UpstreamConnectionError
from upstreams.testing.loopback import Loopback, http_response
from upstreams.transport.network import DNS_CACHE_TIMEOUT, Resolver


async def test_ten_connections_at_once_look_a_name_up_once(names):
    names[0]["some.test"] = [("127.0.0.1", 1), ("127.0.0.2", 1)]
    resolver = Resolver()
    found = await asyncio.gather(*(resolver.resolve("some.test", 80) for _ in range(10)))
    assert names[1] == ["some.test"]
    assert [addresses[0][4][0] for addresses in found] == ["127.0.0.1", "127.0.0.2"] * 5
    assert {len(addresses) for addresses in found} == {2}


async def test_a_name_is_looked_up_again_after_a_while(names, monkeypatch):
    now = 1000.0
    monkeypatch.setattr("upstreams.transport.network.monotonic", lambda: now)
    names[0]["some.test"] = [("127.0.0.1", 1)]
    resolver = Resolver()
    for passed in (0, DNS_CACHE_TIMEOUT - 1, 2, DNS_CACHE_TIMEOUT - 1):
        now += passed
        await resolver.resolve("some.test", 80)
    assert len(names[1]) == 2


async def test_a_name_that_was_not_found_is_looked_up_again(names):
    resolver = Resolver()
    with pytest.raises(OSError, match="not known"):
        await resolver.resolve("some.test", 80)
    names[0]["some.test"] = [("127.0.0.1", 1)]
    assert len(await resolver.resolve("some.test", 80)) == 1


async def test_a_name_that_moves_from_an_address_that_refuses_costs_no_call(
    names, make_transport, ask, loopback
):
    good = http_response(b"good", headers={"connection": "close"})
    transport = make_transport(BASE_URL="http://some.test", ALLOW_HTTP=True)
    with Loopback() as old:
        old.on("/x", good)
        names[0]["some.test"] = [("127.0.0.1", urlsplit(old.url).port)]
        assert await ask(transport, url="http://some.test") == b"good"
    loopback.on("/x", good)
    names[0]["some.test"] = [("127.0.0.1", urlsplit(loopback.url).port)]
    found = await asyncio.gather(*(ask(transport, url="http://some.test") for _ in range(20)))
    assert (found, len(names[1])) == ([b"good"] * 20, 2)


async def test_a_name_of_which_every_address_refuses_is_looked_up_once_for_each_connection(
    names, make_transport, ask
):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    names[0]["some.test"] = [("127.0.0.1", port)]
    transport = make_transport(BASE_URL="http://some.test", ALLOW_HTTP=True)
    for _ in range(3):
        with pytest.raises(UpstreamConnectionError, match="refuses"):
            await ask(transport, url="http://some.test")
    assert len(names[1]) == 3


async def test_a_name_of_an_address_that_is_silent_is_looked_up_again(names, make_transport, ask, loopback):
    loopback.on("/x", http_response(b"good"))
    transport = make_transport(BASE_URL="http://some.test", ALLOW_HTTP=True, CONNECT_TIMEOUT=0.2)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as silent, socket.socket() as first:
        first.connect(silent.getsockname())  # others wait for their turn
        names[0]["some.test"] = [("127.0.0.1", silent.getsockname()[1])]
        with pytest.raises(UpstreamConnectionError, match="CONNECT_TIMEOUT"):
            await ask(transport, url="http://some.test")
        names[0]["some.test"] = [("127.0.0.1", urlsplit(loopback.url).port)]
        assert await ask(transport, url="http://some.test") == b"good"
    assert len(names[1]) == 2


async def test_a_look_up_that_hangs_is_not_begun_again(names, make_transport, ask, monkeypatch):
    hung, begun = threading.Event(), []

    def hang(*_):
        begun.append(1)
        hung.wait()
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    transport = make_transport(BASE_URL="http://some.test", ALLOW_HTTP=True, CONNECT_TIMEOUT=0.05)
    try:
        for _ in range(3):
            with pytest.raises(
                UpstreamConnectionError,
                match=r"no address of the name some\.test within CONNECT_TIMEOUT, 0\.05 s .*; check the DNS here",
            ):
                await ask(transport, url="http://some.test")
    finally:
        hung.set()
    assert begun == [1]


@pytest.mark.parametrize(("host", "family"), [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)])
async def test_an_address_needs_no_look_up(names, host, family):
    assert await Resolver().resolve(host, 80) == [(family, socket.SOCK_STREAM, 6, "", (host, 80))]
    assert names[1] == []


async def test_look_ups_that_hang_are_bounded(monkeypatch):
    """Each takes a thread, and only tenants have so many names."""
    hung = threading.Event()

    def hang(*_):
        hung.wait()
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    monkeypatch.setattr("upstreams.transport.network.MAX_NAMES", 3)
    resolver = Resolver()
    waiting = [asyncio.create_task(resolver.resolve(f"t{number}.test", 80)) for number in range(3)]
    try:
        await asyncio.sleep(0)
        with pytest.raises(OSError, match="3 look-ups of names have not ended"):
            await resolver.resolve("another.test", 80)
    finally:
        hung.set()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_addresses_of_few_names_are_kept(names, monkeypatch):
    monkeypatch.setattr("upstreams.transport.network.MAX_NAMES", 10)
    resolver = Resolver()
    for number in range(100):
        names[0][f"t{number}.test"] = [("127.0.0.1", 1)]
        await resolver.resolve(f"t{number}.test", 80)
        assert len(resolver._lookups) <= 10
