"""Lists of an upstream that come page by page: by links, by cursors, by numbers."""

import json
from dataclasses import dataclass
from decimal import Decimal

import pytest
from testproject.quotes import quotes
from upstreams import (
    UpstreamDecodeError,
    UpstreamProtocolError,
    UpstreamResponseTooLarge,
    UpstreamStatusError,
)
from upstreams.clients.link_header import address_of, next_link
from upstreams.core.errors import UnsafeRequest
from upstreams.core.httpx import Response, httpx
from upstreams.testing import http_response

pytestmark = [pytest.mark.upstreams(quotes={"BACKOFF": 0.001}), pytest.mark.usefixtures("lifespan")]


@dataclass
class Item:
    id: int


def serve(loopback, path, *pages, status=200):
    """Respond with these pages, one after the other; a page is its body, or a pair of body and headers."""
    for page in pages:
        body, headers = page if isinstance(page, tuple) else (page, {})
        loopback.on(path, http_response(body, status, headers))


async def ids(path="items", **more):
    return [item.id async for item in quotes.pages(path, into=Item, **more)]


async def collect(found, **more):
    """As `ids`, but what came before an error stays."""
    async for item in quotes.pages("items", into=Item, **more):
        found.append(item.id)


def asked(loopback):
    return [request.target for request in loopback.requests]


def linked(target, rel="next"):
    return {"link": f'<{target}>; rel="{rel}"'}


async def test_links_as_of_github(loopback):
    following = f"{loopback.url}/repositories/1/issues?state=open&page=2"
    serve(loopback, "/repos/tim/zen/issues", ([{"id": 1}, {"id": 2}], linked(following)))
    serve(loopback, "/repositories/1/issues", ([{"id": 3}], linked("/", rel="first")))
    found = await ids("repos/{owner}/{name}/issues", owner="tim", name="zen", params={"state": "open"})
    assert found == [1, 2, 3]
    assert asked(loopback) == ["/repos/tim/zen/issues?state=open", "/repositories/1/issues?state=open&page=2"]


async def test_cursors_as_of_stripe(loopback):
    pages = [{"data": [{"id": 1}, {"id": 2}], "has_more": True}, {"data": [{"id": 3}], "has_more": False}]
    serve(loopback, "/items", *pages)
    cursor = {"starting_after": "data.-1.id"}
    assert await ids(items="data", cursor=cursor, more="has_more", params={"limit": 2}) == [1, 2, 3]
    assert asked(loopback) == ["/items?limit=2", "/items?limit=2&starting_after=2"]


@pytest.mark.parametrize("end", [{"response_metadata": {"next_cursor": ""}}, {"response_metadata": None}, {}])
async def test_cursors_as_of_slack(loopback, end):
    first = {"members": [{"id": 1}], "response_metadata": {"next_cursor": "dXNlcg=="}}
    empty = {"members": [], "response_metadata": {"next_cursor": "b"}}  # pages without items are no end
    serve(loopback, "/items", first, empty, {"members": [{"id": 2}], **end})
    assert await ids(items="members", cursor={"cursor": "response_metadata.next_cursor"}) == [1, 2]
    assert asked(loopback) == ["/items", "/items?cursor=dXNlcg%3D%3D", "/items?cursor=b"]


async def test_cursors_in_a_header(loopback):
    serve(loopback, "/items", ([{"id": 1}], {"x-next": "b"}), [{"id": 2}])
    assert await ids(cursor={"after": "header:X-Next"}) == [1, 2]
    assert asked(loopback)[1] == "/items?after=b"


async def test_numbers_until_a_page_is_empty(loopback):
    serve(loopback, "/items", [{"id": 1}], [{"id": 2}], [])
    assert await ids(page="page") == [1, 2]
    assert asked(loopback) == ["/items?page=1", "/items?page=2", "/items?page=3"]


async def test_numbers_from_0_until_the_upstream_says_so(loopback):
    pages = [{"data": [{"id": 1}], "more": True}, {"data": [{"id": 2}], "more": False}]
    serve(loopback, "/items", *pages)
    assert await ids(page="p", items="data", more="more", params={"p": 0}) == [1, 2]
    assert asked(loopback) == ["/items?p=0", "/items?p=1"]


@pytest.mark.parametrize("member", ["next", "@odata.nextLink"], ids=["Django REST framework", "OData"])
async def test_links_in_the_body(loopback, member):
    serve(loopback, "/items", {"results": [{"id": 1}], member: "?page=2"})
    serve(loopback, "/items", {"results": [{"id": 2}], member: None})
    place = member if "." not in member else [member]
    assert await ids(items="results", next_link=place) == [1, 2]
    assert asked(loopback)[1] == "/items?page=2"


async def test_each_page_is_a_call_of_its_own(loopback):
    serve(loopback, "/items", ([{"id": 1}], linked("/more")))
    serve(loopback, "/more", {}, status=503)
    serve(loopback, "/more", [{"id": 2}])
    assert await ids(headers={"X-Api-Key": "k"}) == [1, 2]
    assert [one.headers["x-api-key"] for one in loopback.requests] == ["k"] * 3


async def test_a_page_with_another_status_is_its_error(loopback, settings):
    settings.DEBUG = True
    serve(loopback, "/items", ([{"id": 1}], linked("/more?token=secret")))
    serve(loopback, "/more", {"why": "gone"}, status=410)
    found = []
    with pytest.raises(UpstreamStatusError, match=r"GET items: status 410 \(1 attempt\)") as caught:
        await collect(found)
    assert (found, caught.value.excerpt) == ([1], '{"why": "gone"}')
    assert "secret" not in str(caught.value.response.request.url)


async def test_nothing_is_requested_before_it_is_needed(loopback):
    serve(loopback, "/items", ([{"id": 1}, {"id": 2}], linked("/more")))
    async for item in quotes.pages("items", into=Item):
        if item.id == 2:
            break
    assert asked(loopback) == ["/items"]


async def test_numbers_keep_their_digits(loopback):
    serve(loopback, "/items", b'{"data": [0.1000000000000000055511151]}')
    found = [item async for item in quotes.pages("items", items="data", into=Decimal)]
    assert found == [Decimal("0.1000000000000000055511151")]


async def test_more_pages_than_allowed_are_an_error_after_their_items(loopback):
    serve(loopback, "/items", [{"id": 1}])
    found = []
    words = r"the list has more than max_pages, 3 pages; pass a larger max_pages=, or leave the loop earlier"
    with pytest.raises(UpstreamResponseTooLarge, match=words) as caught:
        await collect(found, page="page", max_pages=3)
    assert (found, caught.value.limit.key) == ([1, 1, 1], "max_pages")


@pytest.mark.parametrize(
    ("body", "headers", "more"),
    [
        ([{"id": 1}], linked("/items"), {}),
        ({"data": [{"id": 1}], "next": "same"}, {}, {"items": "data", "cursor": {"after": "next"}}),
    ],
)
async def test_a_list_without_an_end_is_noticed(loopback, body, headers, more):
    serve(loopback, "/items", (body, headers))
    with pytest.raises(UpstreamProtocolError, match="the next page is one that was read before, so that"):
        await ids(**more)
    assert len(loopback.requests) <= 2


@pytest.mark.parametrize(
    "target",
    [
        "http://other.test/",
        "//other.test/",
        "http://localhost:1/",
        "https://127.0.0.1/",
        "file:///etc/passwd",
    ],
)
async def test_a_link_to_another_origin_is_refused(loopback, target):
    serve(loopback, "/items", ([{"id": 1}], linked(target)))
    with pytest.raises(UnsafeRequest, match=r"leads to another origin than http://127\.0\.0\.1") as caught:
        await ids()
    assert (caught.value.status, len(loopback.requests)) == (502, 1)


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


BODIES = [
    ({"data": []}, {}, "the page is no list but an object "),
    ({"data": []}, {"items": "results"}, "the page has no member results "),
    ([{"id": "x"}], {}, "an item of the page does not fit its type: 0.id: expected a whole number"),
    ({"data": 1}, {"items": "data"}, "an item of the page does not fit its type: the list: expected a list"),
    ([], {"page": "p", "more": "has_more"}, "the page has no member has_more, named by more="),
    ({"d": [], "c": {}}, {"items": "d", "cursor": {"c": "c"}}, "c of the page is neither text nor a whole"),
]


@pytest.mark.parametrize(("body", "more", "words"), BODIES)
async def test_a_page_of_another_form_is_an_error_that_says_so(loopback, body, more, words):
    serve(loopback, "/items", body)
    with pytest.raises(UpstreamDecodeError, match=words):
        await ids(**more)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"page": "p", "next_link": "next"}, "pass one of next_link and page; each is a kind of paging"),
        ({"more": "has_more"}, "more= ends pages by cursor= or page=; a link ends by itself"),
        ({"max_pages": 0}, "max_pages must be a whole number from 1 on, not 0"),
        ({"timeout": "1"}, "timeout must be a number of seconds"),
    ],
)
async def test_arguments_that_contradict_each_other(loopback, more, words):
    with pytest.raises(ValueError, match=words):
        await ids(**more)
    assert json.dumps(asked(loopback)) == "[]"


async def test_every_page_is_asked_for_on_behalf_of_its_tenant(loopback):
    serve(loopback, "/items", ([{"id": 1}], linked("/more")))
    serve(loopback, "/more", [{"id": 2}])
    tenant = quotes.using(auth={"BEARER": "of-tenant"})
    assert [item.id async for item in tenant.pages("items", into=Item)] == [1, 2]
    assert [one.headers["authorization"] for one in loopback.requests] == ["Bearer of-tenant"] * 2
