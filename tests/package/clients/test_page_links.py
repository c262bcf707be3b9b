"""The header `Link`, and where it may lead."""

import pytest
from upstreams import (
    UpstreamProtocolError,
)
from upstreams.clients.link_header import address_of, next_link
from upstreams.core.errors import UnsafeRequest
from upstreams.core.httpx import Response, httpx

PAGE = httpx.URL("https://a.test/v1/items?page=1")


@pytest.mark.parametrize(
    ("link", "leads_to"),
    [
        ("?page=2", "https://a.test/v1/items?page=2"),
        ("more#part", "https://a.test/v1/more"),
        ("https://A.test:443/x", "https://a.test/x"),
        ("http://a.test/x", "https://a.test/x"),  # from behind a proxy that ends TLS
        ("/../../x", "https://a.test/x"),
    ],
)
def test_where_a_link_leads(link, leads_to):
    assert str(address_of(link, PAGE, "a")) == leads_to


@pytest.mark.parametrize(
    "link", ["http://a.test:8080/", "https://user:p@a.test/", "https://a.test.evil.test/"]
)
def test_where_a_link_must_not_lead(link):
    with pytest.raises(UnsafeRequest):
        address_of(link, PAGE, "a")


@pytest.mark.parametrize("link", ["https://[", "http://a.test:port/"])
def test_a_link_that_is_none(link):
    with pytest.raises(UpstreamProtocolError, match="is no URL"):
        address_of(link, PAGE, "a")


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ('<a>; rel="next"', "a"),
        ("<a>;rel=next", "a"),
        ("<a>; REL=Next", "a"),
        ('<a>; rel="prev", <b>; title="x, <y>; rel=next"; rel="last next"', "b"),
        ('<a>; rel="last"; rel="next"', None),
        ('<a>; rel="next"; anchor="/other"', None),
        ('<a,b>; rel="next"', "a,b"),
        ('<a>, <b>; rel="next"', "b"),
        ("", None),
        ("<a", None),
        ('<a>; rel="next-archive"', None),
    ],
)
def test_the_links_of_a_header(header, target):
    assert next_link(Response(200, headers={"link": header})) == target
