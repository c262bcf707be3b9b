"""Lists whose next page is named by a cursor, a number or a link in another object, as the schema says."""

import pytest

from management.openapi.schemas import TEXT, document, json_of, one, query

pytestmark = pytest.mark.usefixtures("any_response", "lifespan", "unformatted")
NUMBER = {"type": "integer"}
SURE = {"type": "boolean"}
ITEM = {"type": "object", "required": ["id"], "properties": {"id": TEXT}}
SIZE = query("limit", NUMBER)


def page_of(names="data", required=("has_more",), **more):
    lists = {name: {"type": "array", "items": ITEM} for name in names.split()}
    return {"type": "object", "required": list(required), "properties": {**lists, **more}}


def envelope(**properties):
    return {"type": "object", "properties": properties}


def schema_of(page, *parameters):
    return document(one({"200": json_of(page)}, parameters=[*parameters]))


A, B = {"data": [{"id": "a"}]}, {"data": [{"id": "b"}]}
KINDS = {
    "next_of_the_parameter": (
        schema_of(page_of(next_cursor=TEXT), query("cursor")),
        [{**A, "next_cursor": "2"}, {**B, "next_cursor": ""}],
        ["", "cursor=2"],
    ),
    "token": (
        schema_of(page_of(nextPageToken=TEXT), query("pageToken"), SIZE),
        [{**A, "nextPageToken": "2"}, B],
        ["", "pageToken=2"],
    ),
    "another_name": (
        schema_of(page_of(next_cursor={**TEXT, "nullable": True}), query("starting_after")),
        [{**A, "next_cursor": "2"}, {**B, "next_cursor": None}],
        ["", "starting_after=2"],
    ),
    "in_an_object": (
        schema_of(page_of(metadata=envelope(**{"continue": TEXT})), query("continue"), SIZE),
        [{**A, "metadata": {"continue": "2"}}, {**B, "metadata": {}}],
        ["", "continue=2"],
    ),
    "number_of_the_next_page": (
        schema_of(page_of(next_page={"type": ["integer", "null"]}), query("page", NUMBER), SIZE),
        [{**A, "next_page": 2}, {**B, "next_page": None}],
        ["", "page=2"],
    ),
    "last_id": (
        schema_of(page_of(has_more=SURE), query("starting_after"), SIZE),
        [{**A, "has_more": True}, {**B, "has_more": False}],
        ["", "starting_after=a"],
    ),
    "number": (
        schema_of(page_of(total=NUMBER), query("page", NUMBER), SIZE),
        [A, B, {"data": []}],
        ["page=1", "page=2", "page=3"],
    ),
    "number_from_0_and_more": (
        schema_of(page_of(has_more=SURE), query("page", {**NUMBER, "minimum": 0}), SIZE),
        [{**A, "has_more": True}, {**B, "has_more": False}],
        ["page=0", "page=1"],
    ),
    "list_by_number": (
        schema_of({"type": "array", "items": ITEM}, query("page", NUMBER), query("per_page", NUMBER)),
        [A["data"], B["data"], []],
        ["page=1", "page=2", "page=3"],
    ),
    "offset": (
        schema_of(page_of("entries order"), query("offset", NUMBER), SIZE),
        [{"entries": [{"id": "a"}]}, {"entries": [{"id": "b"}]}, {"entries": []}],
        ["offset=0", "offset=1", "offset=2"],
    ),
    "cursors_only_if_asked_for": (
        schema_of(page_of(next_marker=TEXT), query("marker"), query("offset", NUMBER), SIZE),
        [A, B, {"data": []}],
        ["offset=0", "offset=1", "offset=2"],
    ),
    "link_in_an_object": (
        schema_of(page_of(links=envelope(next={"anyOf": [{**TEXT, "format": "uri"}, {"type": "null"}]}))),
        [{**A, "links": {"next": "?after=2"}}, {**B, "links": {"next": None}}],
        ["", "after=2"],
    ),
    "link_by_its_example": (
        schema_of(page_of(next={**TEXT, "example": "https://store.example.com/v1/thing?p=2"})),
        [{**A, "next": "?p=2"}, B],
        ["", "p=2"],
    ),
    "uri_of_an_object": (
        schema_of(
            page_of(next_page=envelope(uri={**TEXT, "format": "uri"}, offset=TEXT)), query("offset"), SIZE
        ),
        [{**A, "next_page": {"uri": "/v1/thing?offset=2"}}, {**B, "next_page": None}],
        ["", "offset=2"],
    ),
    "hal": (
        schema_of(page_of(_links=envelope(next=envelope(href=TEXT)))),
        [{**A, "_links": {"next": {"href": "?p=2"}}}, {**B, "_links": {}}],
        ["", "p=2"],
    ),
}


@pytest.mark.parametrize("kind", KINDS)
async def test_all_pages_are_read(object_of, upstream_mock, kind):
    schema, responses, asked = KINDS[kind]
    quotes = object_of(schema)
    route = upstream_mock("quotes").get("thing")
    for response in responses:
        route.json(response)
    assert [item.id async for item in quotes.thing_pages()] == ["a", "b"]
    assert [request.url.query.decode() for request in upstream_mock("quotes").requests] == asked


async def test_a_list_may_begin_at_a_later_page(object_of, upstream_mock):
    quotes = object_of(KINDS["number_from_0_and_more"][0])
    upstream_mock("quotes").get("thing").json({**B, "has_more": False})
    assert [item.id async for item in quotes.thing_pages(page=7)] == ["b"]
    assert upstream_mock("quotes").requests[0].url.query == b"page=7"


@pytest.mark.parametrize(
    ("page", "parameters"),
    [
        (page_of(meta=envelope(page=NUMBER)), [query("page", TEXT)]),
        (page_of(page_token=TEXT), [query("page_token")]),
        (page_of(next=TEXT, next_cursor=TEXT), [query("after")]),
        (page_of(next_cursor={**TEXT, "format": "uri"}), [query("cursor")]),
        (page_of(required=(), has_more=SURE), [query("starting_after")]),
        (page_of("tags"), [query("page", NUMBER), SIZE]),
        (page_of("data items"), [query("page", NUMBER), SIZE]),
        (page_of(), [query("page", NUMBER)]),
        (page_of(next_stream_position=TEXT), [query("stream_position")]),
    ],
    ids=range(9),
)
def test_what_may_be_something_else_is_left(load, page, parameters):
    assert not hasattr(load(schema_of(page, *parameters)).QuotesSchema, "thing_pages")


def test_objects_within_each_other_end(load):
    again = {"$ref": "#/components/schemas/Meta"}
    names = {f"{'_' * number}meta": again for number in range(200)}
    meta = {"Meta": {"type": "object", "properties": names}}
    schema = schema_of(page_of(**names))
    schema["components"]["schemas"] = meta
    assert not hasattr(load(schema).QuotesSchema, "thing_pages")
