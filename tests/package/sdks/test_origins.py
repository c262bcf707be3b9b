"""Where the requests of an SDK may go: to the origin of their upstream alone."""

import pytest
from upstreams import UnknownUpstream, UpstreamTransport
from upstreams.core.errors import UnsafeRequest
from upstreams.core.httpx import httpx
from upstreams.testing.loopback import http_response

pytestmark = pytest.mark.usefixtures("lifespan")
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    "url",
    [
        "http://other.test/v1/items",
        "https://quotes.test/v1/items",
        "http://quotes.test:8080/v1/items",
        "http://quotes.test.evil.test/v1/items",
    ],
)
async def test_another_origin_is_refused_in_one_sentence(clients, upstream_mock, url):
    upstream_mock("quotes")
    with pytest.raises(UnsafeRequest) as caught:
        await clients.send("GET", url + "?token=secret")
    origin = url.partition("/v1")[0]
    assert str(caught.value) == (
        f"upstream quotes: GET: a request of the SDK, or a redirect, goes to {origin}, which is not the origin of "
        "BASE_URL, http://quotes.test; give the SDK that base URL, or define an upstream for the other one"
    )
    assert (caught.value.status, upstream_mock("quotes").requests) == (502, [])


async def test_a_redirect_elsewhere_is_refused_with_its_credentials(library, loopback):
    loopback.on("/items", http_response(b"", 307, {"location": "http://127.0.0.1:9/items"}))
    async with library.AsyncClient(transport=UpstreamTransport("quotes"), follow_redirects=True) as client:
        with pytest.raises(
            UnsafeRequest, match=r"or a redirect, goes to http://127\.0\.0\.1:9, which is not the origin"
        ):
            await client.get(f"{loopback.url}/items", headers={"X-Api-Key": "k"})


async def test_a_redirect_within_the_origin_is_a_call_more(library, loopback):
    loopback.on("/items", http_response(b"", 307, {"location": "/others"}))
    loopback.on("/others", http_response({}, headers=JSON))
    async with library.AsyncClient(transport=UpstreamTransport("quotes"), follow_redirects=True) as client:
        assert (await client.get(f"{loopback.url}/items")).json() == {}
    assert loopback.accepted == 1


async def test_an_unknown_alias_is_named(clients, upstream_mock):
    async with httpx.AsyncClient(transport=UpstreamTransport("qoutes")) as client:
        with pytest.raises(
            UnknownUpstream, match=r"upstream qoutes: GET : not in settings\.UPSTREAMS; .*quotes"
        ):
            await client.get("http://quotes.test/v1/items")


async def test_a_line_break_in_a_header_is_refused(library, loopback):
    async with library.AsyncClient(transport=UpstreamTransport("quotes")) as client:
        with pytest.raises(ValueError, match="a header holds a line break or NUL"):
            await client.get(f"{loopback.url}/items", headers={"X-A": "b\r\nX-C: d"})
    assert loopback.requests == []


async def test_the_target_that_an_sdk_gives_is_sent_as_it_is(library, loopback):
    loopback.on("*", http_response({}, headers=JSON))
    async with library.AsyncClient(transport=UpstreamTransport("quotes")) as client:
        for target in (f"{loopback.url}/bucket/a/../b?x=1", "/bucket/./c"):
            url = f"{loopback.url}/bucket"
            await client.get(url, extensions={"target": target.encode()})
    assert [request.target for request in loopback.requests] == ["/bucket/a/../b?x=1", "/bucket/./c"]
