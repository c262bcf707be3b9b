"""Which addresses a tenant's URL may lead to: what is connected to counts, not what the URL says."""

import socket

import pytest
from testproject.quotes import quotes
from upstreams import UpstreamConnectionError
from upstreams.core.errors import UnsafeRequest

pytestmark = pytest.mark.usefixtures("lifespan")
QUOTE = {"text": "a", "author": "b"}


HOSTS = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f.1",
    "0x7f000001",
    "0177.0.0.1",
    "017700000001",
    "0",
    "127.0.0.1.",
    "169.254.169.254",
    "2852039166",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:a9fe:a9fe]",
    "[64:ff9b::127.0.0.1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "\uff11\uff12\uff17.0.0.1",  # digits in full width
    "127\u30020\u30020\u30021",  # ideographic full stops
    "\u2460\u2461\u2466.0.0.1",  # circled digits
    "loopback.test",
    "LOOPBACK.test.",
    "metadata.test",
    "mixed.test",
    "localhost:22",
]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", HOSTS)
async def test_no_form_of_a_private_address_is_connected_to(network, host, scheme):
    known, connected = network
    known["loopback.test"] = known["LOOPBACK.test."] = known["loopback.test."] = [["127.0.0.1"]]
    known["localhost"] = [["127.0.0.1", "::1"]]
    known["metadata.test"] = [["169.254.169.254"]]
    known["mixed.test"] = [["::1", "10.0.0.1"]]
    with pytest.raises(UnsafeRequest) as caught:
        await quotes.using(base_url=f"{scheme}://{host}/v1").random()
    assert connected == []
    assert "169.254" not in str(caught.value).replace(host, "")
    assert (caught.value.status, caught.value.alias) == (400, "quotes")


async def test_the_error_names_the_host_and_no_more(network):
    network[0]["metadata.test"] = [["169.254.169.254"]]
    with pytest.raises(UnsafeRequest) as caught:
        await quotes.using(base_url="http://metadata.test").get("latest/{item}", item="secret")
    assert str(caught.value) == (
        "upstream quotes: GET latest/{item}: metadata.test has no public address (1 attempt); a tenant's base_url "
        "must lead to one, or to TENANT_NETWORKS"
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://quotes.test@127.0.0.1/",
        "https://127.0.0.1#@a.test/",
        "https://a.test\\@127.0.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_",
        "unix:///var/run/docker.sock",
        "https://",
        "http://a.test:0x50/",
        "http://a.test/../..",
        "http://a.test/\r\nX-A: b",
    ],
)
def test_what_is_no_plain_url_is_refused_at_once(url):
    with pytest.raises(UnsafeRequest):
        quotes.using(base_url=url)


async def test_only_the_public_addresses_of_a_name_are_connected_to(network):
    known, connected = network
    known["mixed.test"] = [["127.0.0.1", "8.8.8.8", "10.0.0.1"]]
    with pytest.raises(UpstreamConnectionError):
        await quotes.using(base_url="https://mixed.test").get("", attempts=1)
    assert set(connected) == {"8.8.8.8"}


async def test_a_name_that_becomes_private_is_not_followed(network):
    known, connected = network
    known["rebinding.test"] = [["8.8.8.8"], ["127.0.0.1"]]
    with pytest.raises((UpstreamConnectionError, UnsafeRequest)):
        await quotes.using(base_url="https://rebinding.test").get("", attempts=3)
    assert set(connected) == {"8.8.8.8"}
    with pytest.raises(UnsafeRequest):
        await quotes.using(base_url="https://rebinding.test").get("", attempts=1)
    assert set(connected) == {"8.8.8.8"}


async def test_what_is_connected_to_is_what_was_looked_up(network, monkeypatch):
    """No second look-up below this service's eyes: the socket gets an address."""
    known, connected = network
    known["once.test"] = [["8.8.8.8"]]
    asked = []
    look_up = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *more: [asked.append(host), look_up(host, *more)][1]
    )
    with pytest.raises(UpstreamConnectionError):
        await quotes.using(base_url="https://once.test").get("", attempts=1)
    assert (asked[0], connected[0]) == ("once.test", "8.8.8.8")


@pytest.mark.upstreams(quotes={"BASE_URL": "http://10.0.0.5"})
async def test_the_address_of_the_settings_may_be_private(network):
    with pytest.raises(UpstreamConnectionError):
        await quotes.using(auth={"BEARER": "t"}, base_url="http://10.0.0.5/v2").get("", attempts=1)
    assert network[1] == ["10.0.0.5"]
