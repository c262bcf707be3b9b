"""Names and addresses as a test says, and which of them were connected to."""

import socket

import pytest
from upstreams.testing import mocks
from upstreams.transport import route


@pytest.fixture
def network(monkeypatch, loopback):
    """Names with their addresses, each look-up using the next one, and which addresses were connected to."""

    def look_up(host, port, *_, **__):
        answers = known.get(host)
        if answers is None:  # an address in any of its notations, as getaddrinfo reads it
            answers = [[socket.inet_ntoa(socket.inet_aton(host.rstrip(".")))]]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        families = [socket.AF_INET6 if ":" in one else socket.AF_INET for one in addresses]
        return [(family, 1, 6, "", (one, port)) for family, one in zip(families, addresses, strict=True)]

    async def connect(addresses, **_):
        connected.extend(one[4][0] for one in addresses)
        raise OSError("no network in this test")

    known, connected = {}, []
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(route.aiohappyeyeballs, "start_connection", connect)
    monkeypatch.setattr(mocks, "_is_allowed", lambda *_: True)
    return known, connected
