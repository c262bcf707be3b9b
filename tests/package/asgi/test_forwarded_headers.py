"""Whose word is taken for where a request has come from, and for its scheme."""

import pytest
from upstreams.asgi.forwarded_headers import trust_proxies


async def seen(proxies, peer, *headers):
    """Return the address of the client and the scheme, as Django sees them."""
    found = []

    async def app(scope, receive, send):
        found.append((scope["client"] and scope["client"][0], scope["scheme"]))

    fields = [(name.encode(), value.encode()) for name, value in headers]
    scope = {"type": "http", "scheme": "http", "client": peer and (peer, 4000), "headers": fields}
    await trust_proxies(app, proxies)(scope, None, None)
    assert scope["scheme"] == "http"  # the server's own is left alone
    return found[0]


def via(addresses, scheme="https"):
    return ("x-forwarded-for", addresses), ("x-forwarded-proto", scheme)


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "client"),
    [
        (["10.0.0.0/8"], "10.0.0.1", "203.0.113.9", "203.0.113.9"),
        (["10.0.0.1"], "10.0.0.1", "203.0.113.9", "203.0.113.9"),
        (["10.0.0.0/8"], "10.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),  # the client wrote the first
        (["10.0.0.0/8"], "10.0.0.1", "6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (["10.0.0.0/8"], "10.0.0.1", "10.0.0.3,10.0.0.2", "10.0.0.3"),
        (["10.0.0.0/8"], "10.0.0.1", "203.0.113.9:5000", "203.0.113.9"),
        (["10.0.0.0/8"], "::ffff:10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"),
        (["fd00::/8"], "fd00::1", "2001:db8::9", "2001:db8::9"),
        (["fd00::/8"], "fd00::1", "[2001:db8::9]:5000", "2001:db8::9"),
        (["fd00::/8", "10.0.0.0/8"], "fd00::1", "2001:db8::9, 10.0.0.1", "2001:db8::9"),
        (["10.0.0.0/8"], "10.0.0.1", "203.0.113.9, unknown, 10.0.0.2", "10.0.0.2"),
        (["10.0.0.0/8"], "10.0.0.1", "<script>", "10.0.0.1"),
        (["10.0.0.0/8"], "10.0.0.1", "", "10.0.0.1"),
        (["*"], "198.51.100.1", "203.0.113.9, 198.51.100.2", "203.0.113.9"),
        (["unix"], None, "203.0.113.9", "203.0.113.9"),
        (["unix"], "", "203.0.113.9", "203.0.113.9"),
        (["unix"], "/run/service.sock", "203.0.113.9", "203.0.113.9"),
        (["*"], None, "203.0.113.9", "203.0.113.9"),
    ],
)
async def test_a_trusted_proxy_is_believed(proxies, peer, forwarded, client):
    assert await seen(proxies, peer, *via(forwarded)) == (client, "https")


@pytest.mark.parametrize(
    ("proxies", "peer"),
    [
        ([], "10.0.0.1"),
        (["10.0.0.0/8"], "203.0.113.9"),
        (["10.0.0.0/8"], "::1"),
        (["10.0.0.0/8"], None),
        (["10.0.0.0/8"], "unix"),
        (["unix"], "127.0.0.1"),
    ],
)
async def test_nobody_else_is_believed(proxies, peer):
    assert await seen(proxies, peer, *via("6.6.6.6")) == (peer, "http")


@pytest.mark.parametrize(
    ("addresses", "schemes", "scheme"),
    [
        ("203.0.113.9", "HTTPS", "https"),
        ("203.0.113.9", "https, http", "http"),  # the client wrote the first
        ("203.0.113.9, 10.0.0.2", "https, http", "https"),
        ("203.0.113.9, 10.0.0.2", "https", "https"),
        ("203.0.113.9", "ftp", "http"),
        ("203.0.113.9", "", "http"),
        ("", "https", "https"),
    ],
)
async def test_the_scheme_is_the_clients(addresses, schemes, scheme):
    assert (await seen(["10.0.0.0/8"], "10.0.0.1", *via(addresses, schemes)))[1] == scheme


async def test_several_headers_are_one_list():
    headers = (("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "203.0.113.9"), via("10.0.0.2")[0])
    assert await seen(["10.0.0.0/8"], "10.0.0.1", *headers) == ("203.0.113.9", "http")


async def test_what_a_server_has_done_already_changes_nothing():
    assert await seen(["127.0.0.1"], "203.0.113.9", *via("203.0.113.9", "http")) == ("203.0.113.9", "http")


def test_without_proxies_there_is_no_layer():
    assert trust_proxies(seen, ()) is seen
