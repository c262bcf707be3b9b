"""Lists without an end, of another form, or with links to elsewhere."""

import pytest
from upstreams import (
    UpstreamDecodeError,
    UpstreamProtocolError,
    UpstreamResponseTooLarge,
)
from upstreams.core.errors import UnsafeRequest

from clients.paging import asked, collect, ids, linked, serve

pytestmark = [pytest.mark.upstreams(quotes={"BACKOFF": 0.001}), pytest.mark.usefixtures("lifespan")]


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
        ({"page": "p", "offset": "o"}, "pass one of page and offset; each is a kind of paging"),
        ({"more": "has_more"}, "more= ends pages by cursor=, page= or offset=; a link ends by itself"),
        ({"max_pages": 0}, "max_pages must be a whole number from 1 on, not 0"),
        ({"timeout": "1"}, "timeout must be a number of seconds"),
    ],
)
async def test_arguments_that_contradict_each_other(loopback, more, words):
    with pytest.raises(ValueError, match=words):
        await ids(**more)
    assert asked(loopback) == []
