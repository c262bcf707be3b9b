"""Methods that return items: events, JSON Lines, and lists that come in pages."""

import pytest

from management.openapi import odd
from management.openapi.schemas import TEXT, document, json_of, one, query

pytestmark = pytest.mark.usefixtures("any_response", "lifespan", "unformatted")


async def test_events_and_lines(object_of, upstream_mock):
    quotes = object_of(odd.SCHEMAS["bodies"])
    events = {"Content-Type": "text/event-stream"}
    upstream_mock("quotes").get("events").content("data: a\n\ndata: b\n\n", headers=events)
    upstream_mock("quotes").get("lines").content(
        '{"fins": 1}\n{"fins": 2}\n', headers={"Content-Type": "application/x-ndjson"}
    )
    upstream_mock("quotes").post("both").content("data: c\n\n", headers=events)
    assert [event.data async for event in quotes.events_()] == ["a", "b"]
    assert [line.fins async for line in quotes.lines()] == [1, 2]
    assert [event.data async for event in quotes.both_events()] == ["c"]


async def test_a_header_that_links_to_the_next_page_makes_a_method_for_all_pages(object_of, upstream_mock):
    response = {**json_of({"type": "array", "items": odd.FISH}), "headers": {"Link": {"schema": TEXT}}}
    quotes = object_of(document(one({"200": response}, parameters=[query("size", {"type": "integer"})])))
    upstream_mock("quotes").get("thing").json([{"fins": 1}], headers={"Link": '<?page=2>; rel="next"'}).json(
        [{"fins": 2}]
    )
    assert [fish.fins async for fish in quotes.thing_pages(size=1)] == [1, 2]
    queries = [request.url.query for request in upstream_mock("quotes").requests]
    assert queries == [b"size=1", b"page=2"]
    assert (await quotes.thing())[0].fins == 2


async def test_a_member_with_the_url_of_the_next_page_makes_one_too(object_of, upstream_mock):
    page = {
        "type": "object",
        "required": ["results"],
        "properties": {
            "count": {"type": "integer"},
            "next": {**TEXT, "format": "uri", "nullable": True},
            "results": {"type": "array", "items": odd.FISH},
        },
    }
    quotes = object_of(document(one({"200": json_of(page)})))
    upstream_mock("quotes").get("thing").json({"next": "/v1/thing?page=2", "results": [{"fins": 1}]}).json(
        {"next": None, "results": [{"fins": 2}]}
    )
    assert [fish.fins async for fish in quotes.thing_pages()] == [1, 2]


@pytest.mark.parametrize(
    "properties",
    [
        {"next": TEXT, "results": {"type": "array"}},
        {"next": {**TEXT, "format": "uri"}, "a": {"type": "array"}, "b": {"type": "array"}},
        {"next": {**TEXT, "format": "uri"}},
    ],
)
def test_a_schema_that_does_not_say_so_has_no_pages(load, properties):
    page = {"type": "object", "properties": properties}
    module = load(document(one({"200": json_of(page)})))
    assert not hasattr(module.QuotesSchema, "thing_pages")
