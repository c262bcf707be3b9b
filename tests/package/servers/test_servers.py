"""Calls to real servers, which reload meanwhile: no response is wrong, and no more calls fail than with other clients."""

import pytest

from servers import set_ups
from servers.calls import of_files, of_origin
from servers.clients import Clients
from servers.programs import is_installed

pytestmark = pytest.mark.processes
SHORT = "nginx" if is_installed("nginx") else "node"
"""The one that `make test` plays."""
RELOADS = 4
FEW, MANY = range(1, 7), range(12)
SERVERS = {
    "nginx": (set_ups.nginx, {}, (of_origin, of_files)),
    "nginx, few requests a connection": (
        set_ups.nginx,
        {"keys": "keepalive_requests 3;"},
        (of_origin, of_files),
    ),
    "nginx, no kept connection": (set_ups.nginx, {"keys": "keepalive_timeout 0;"}, (of_origin, of_files)),
    "apache": (set_ups.apache, {}, (of_origin, of_files)),
    "apache, few requests a connection": (
        set_ups.apache,
        {"keys": "MaxKeepAliveRequests 3\n"},
        (of_origin, of_files),
    ),
    "haproxy": (set_ups.haproxy, {}, (of_origin,)),
    "haproxy, server close": (set_ups.haproxy, {"keys": "option http-server-close"}, (of_origin,)),
    "node": (set_ups.node, {}, (of_origin,)),
    "squid before it": (set_ups.squid, {"keys": "accel defaultsite=localhost"}, (of_origin,)),
}
PROXIES = {"squid": set_ups.squid, "tinyproxy": set_ups.tinyproxy}


def each(names):
    """Those beside the short one take long."""
    return [pytest.param(name, marks=() if name == SHORT else pytest.mark.long) for name in names]


@pytest.mark.parametrize("server", each(SERVERS))
async def test_a_server_that_reloads_costs_no_more_calls_than_with_others(
    server, folder, origin, start, define
):
    make, keys, plans = SERVERS[server]
    program = start(make, folder, origin=origin, **keys)
    turns = FEW if server == SHORT else MANY
    calls = [call for turn in turns for plan in plans for call in plan(turn)]
    async with Clients(define, program.url) as clients:
        await clients.play(calls, program.reload, RELOADS)
    clients.check(server)


@pytest.mark.long
@pytest.mark.parametrize("proxy", PROXIES)
async def test_a_proxy_that_reloads_costs_no_more_calls_than_with_others(
    proxy, folder, origin, start, define
):
    program = start(PROXIES[proxy], folder, origin=origin)
    calls = [call for turn in MANY for call in of_origin(turn)]
    async with Clients(define, origin.url, proxy=program.url) as clients:
        await clients.play(calls, program.reload, RELOADS)
    clients.check(proxy)


@pytest.mark.long
async def test_a_server_of_http_1_0(folder, start, define):
    program = start(set_ups.http_server, folder)
    async with Clients(define, program.url) as clients:
        await clients.play([call for turn in MANY for call in of_files(turn)])
    clients.check("http.server")
