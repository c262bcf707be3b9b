"""Lists of an upstream that come page by page: by links, by cursors, by numbers."""

from decimal import Decimal

import pytest
from testproject.quotes import quotes
from upstreams import (
    UpstreamStatusError,
)

from clients.paging import Item, asked, collect, ids, linked, serve

pytestmark = [pytest.mark.upstreams(quotes={"BACKOFF": 0.001}), pytest.mark.usefixtures("lifespan")]


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


async def test_offsets_grow_by_the_items_of_a_page(loopback):
    serve(loopback, "/items", [{"id": 1}, {"id": 2}], [{"id": 3}], [])
    assert await ids(offset="offset", params={"limit": 2}) == [1, 2, 3]
    assert asked(loopback) == [f"/items?limit=2&offset={number}" for number in (0, 2, 3)]


async def test_offsets_from_a_later_one_until_the_upstream_says_so(loopback):
    serve(loopback, "/items", {"data": [{"id": 1}], "more": False})
    assert await ids(offset="skip", items="data", more="more", params={"skip": 5}) == [1]
    assert asked(loopback) == ["/items?skip=5"]


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


async def test_every_page_is_asked_for_on_behalf_of_its_tenant(loopback):
    serve(loopback, "/items", ([{"id": 1}], linked("/more")))
    serve(loopback, "/more", [{"id": 2}])
    tenant = quotes.using(auth={"BEARER": "of-tenant"})
    assert [item.id async for item in tenant.pages("items", into=Item)] == [1, 2]
    assert [one.headers["authorization"] for one in loopback.requests] == ["Bearer of-tenant"] * 2
