"""How names become addresses."""

import asyncio
import socket

import pytest
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


@pytest.mark.parametrize(("host", "family"), [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)])
async def test_an_address_needs_no_look_up(names, host, family):
    assert await Resolver().resolve(host, 80) == [(family, socket.SOCK_STREAM, 6, "", (host, 80))]
    assert names[1] == []
