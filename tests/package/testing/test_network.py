"""What tests may not reach, by whatever way they try."""

import re
import socket
import urllib.request
from unittest import mock

import pytest
from upstreams.testing import network

FAR = "192.0.2.1"


@pytest.fixture
def refused():
    """The hosts that were refused; the guard of all tests does not see them."""
    hosts = []
    with mock.patch.object(network, "_refusing", [hosts.append]):
        yield hosts


def udp():
    with socket.socket(type=socket.SOCK_DGRAM) as own:
        own.sendto(b"", (FAR, 53))


def udp_message():
    with socket.socket(type=socket.SOCK_DGRAM) as own:
        own.sendmsg([b""], [], 0, (FAR, 53))


def tcp():
    with socket.socket() as own:
        own.connect_ex((FAR, 80))


def library():
    urllib.request.urlopen(f"http://{FAR}/", timeout=1)


@pytest.mark.parametrize(
    "reach",
    [
        udp,
        udp_message,
        tcp,
        library,
        lambda: socket.gethostbyname_ex(FAR),
        lambda: socket.gethostbyaddr(FAR),
        lambda: socket.getnameinfo((FAR, 80), 0),
    ],
    ids=["udp", "udp message", "tcp", "urllib", "name", "address", "name of an address"],
)
def test_another_machine_is_out_of_reach(refused, reach):
    with pytest.raises(OSError, match=f"tests may not connect to {re.escape(FAR)}"):
        reach()
    assert refused == [FAR]


def test_this_machine_may_be_called_by_its_name(refused):
    socket.getfqdn()
    socket.getaddrinfo("localhost", 80)
    assert refused == []


def test_unix_sockets_stay(refused, tmp_path):
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as own:
        server.bind(str(tmp_path / "s"))
        server.listen()
        own.connect(str(tmp_path / "s"))
    assert refused == []
