"""What is remembered of the texts that clients write: short ones, and few of them."""

from django.core.handlers.asgi import ASGIRequest
from testproject.quotes import quotes
from upstreams.asgi.forwarded_headers import ForwardedHeaders
from upstreams.clients import request_builder
from upstreams.fastpath import request


async def test_long_urls_of_upstreams_are_not(lifespan, upstream_mock):
    for author in ("a" * 500, "a"):
        upstream_mock("quotes").get(f"authors/{author}").json([])
    request_builder._remembered_url.cache_clear()
    await quotes.by("a" * 500)
    assert request_builder._remembered_url.cache_info().currsize == 0
    await quotes.by("a")
    assert request_builder._remembered_url.cache_info().currsize == 1


async def test_nor_are_long_templates_without_parameters(lifespan, upstream_mock):
    for path in ("a" * 500, "a"):
        upstream_mock("quotes").get(path).json([])
    request_builder._url_without_parameters.cache_clear()
    await quotes.get("a" * 500)
    assert request_builder._url_without_parameters.cache_info().currsize == 0
    await quotes.get("a")
    assert request_builder._url_without_parameters.cache_info().currsize == 1


def test_long_hosts_are_not(settings):
    settings.ALLOWED_HOSTS = [".testserver"]
    request._is_allowed.cache_clear()
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b""}
    for length in (10, 500):
        host = "a" * length + ".testserver"
        made = [
            kind({**scope, "headers": [(b"host", host.encode())]}, None)
            for kind in (request.Request, ASGIRequest)
        ]
        assert [one.get_host() for one in made] == [host, host]
    assert request._is_allowed.cache_info().currsize == 1


async def test_long_zones_of_addresses_are_not():
    async def app(scope, receive, send):
        found.append(scope["client"])

    found, layer = [], ForwardedHeaders(app, ["127.0.0.1"])
    forwarded = [(b"x-forwarded-for", b"fe80::1%" + b"x" * 1000)]
    await layer({"type": "http", "client": ("127.0.0.1", 1), "headers": forwarded}, None, None)
    assert (found, layer._is_proxy.cache_info().currsize) == ([("127.0.0.1", 1)], 1)
