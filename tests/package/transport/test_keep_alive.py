"""Connections are not used for longer than the server says that it keeps them."""

import asyncio

import pytest
from upstreams.testing.loopback import http_response
from upstreams.transport.keep_alive import limits


class LaterLoop:
    """The running loop, some seconds later."""

    def __init__(self):
        self.seconds = 0.0
        self._loop = asyncio.get_running_loop()

    def time(self):
        return self._loop.time() + self.seconds

    def call_at(self, when, callback):
        return self._loop.call_at(when, callback)


@pytest.fixture
async def later(make_transport, monkeypatch):
    """A transport that keeps connections for long, and the clock of its pool."""
    transport = make_transport(POOL_IDLE_TIMEOUT=1000)
    loop = LaterLoop()
    monkeypatch.setattr(transport.pool, "_loop", loop)
    return transport, loop


@pytest.mark.parametrize(
    ("field", "seconds", "accepted"),
    [
        ("", 500, 1),
        ("timeout=600", 500, 1),
        ("timeout=600", 599.5, 2),
        ("timeout=5000", 900, 1),
        ("timeout=5000", 1001, 2),
        ("timeout=1", 0.6, 2),
        ("timeout=0", 0, 2),
        ("max=9", 500, 1),
        ("nonsense", 500, 1),
    ],
)
async def test_an_idle_connection_is_used_until_a_second_before_its_end(
    loopback, later, ask, field, seconds, accepted
):
    transport, clock = later
    loopback.on("/x", http_response({}, headers={"Keep-Alive": field} if field else {}))
    await ask(transport)
    clock.seconds = seconds
    await ask(transport)
    assert loopback.accepted == accepted


@pytest.mark.parametrize(("most", "accepted"), [(0, 3), (1, 2), (2, 1), (99, 1)])
async def test_a_connection_carries_no_more_requests_than_its_server_allows(
    loopback, later, ask, most, accepted
):
    loopback.on("/x", http_response({}, headers={"keep-alive": f"timeout=600, max={most}"}))
    for _ in range(3):
        await ask(later[0])
    assert loopback.accepted == accepted


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([], (None, None)),
        ([b"timeout=5"], (4.0, None)),
        ([b"timeout=5, max=100"], (4.0, 100)),
        ([b"max=100,timeout=5"], (4.0, 100)),
        ([b'Timeout = "5"; MAX=7'], (4.0, 7)),
        ([b"timeout=2"], (1.0, None)),
        ([b"timeout=1"], (0.5, None)),
        ([b"timeout=0"], (0.0, None)),
        ([b"timeout=9", b"timeout=5"], (4.0, None)),
        ([b"timeout=-1, max=x, xtimeout=3, timeout"], (None, None)),
        ([b"timeout=" + b"9" * 400], (None, None)),
        ([b""], (None, None)),
    ],
)
def test_the_limits_of_a_connection_are_read_from_its_first_response(values, found):
    others = [(b"Connection", b"timeout=1"), (b"X", b"max=1")]
    assert limits([*others, *((b"KEEP-alive", value) for value in values)]) == found
