"""What a client is told of a body or a query that does not fit."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import pytest
from django.core.exceptions import BadRequest
from msgspec import Meta, Struct
from upstreams.contrib.json_api import json_response, parse_body, parse_query


class NewFavourite(Struct, frozen=True, forbid_unknown_fields=True):
    text: Annotated[str, Meta(max_length=2000, pattern=r"^[^\x00]+$")]
    author: Annotated[str, Meta(max_length=200)]


class Page(Struct, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    before: Annotated[int, Meta(ge=1)] | None = None


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "the body: input data was truncated"),
        (b"\xff", "the body: JSON is malformed: invalid character (byte 0)"),
        (b'{"text": "\xff"}', "the body: is not UTF-8"),
        (b"[" * 10**5, "the body: expected an object, got a list"),
        (b'{"text": "a", "x": ' + b"[" * 10**5, "x: unknown field"),
        (b'{"text": "a"}', "author: is missing"),
        (b'{"text": 1, "author": "a"}', "text: expected text, got a whole number"),
        (b'{"text": "\\u0000", "author": "a"}', "text: expected text matching regex '^[^\\\\x00]+$'"),
        (b'{"text": "a", "author": "a", "id": 1}', "id: unknown field"),
    ],
    ids=lambda value: value[:40],
)
def test_what_is_wrong_with_a_body(rf, body, said):
    with pytest.raises(BadRequest) as caught:
        parse_body(rf.post("/", body, content_type="application/json"), NewFavourite)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("limit=0", "limit: expected a whole number >= 1"),
        ("limit=101", "limit: expected a whole number <= 100"),
        ("before=%00", "before: expected a whole number or null"),
    ],
)
def test_what_is_wrong_with_a_query(rf, query, said):
    with pytest.raises(BadRequest) as caught:
        parse_query(rf.get(f"/?{query}"), Page)
    assert str(caught.value) == said


def test_a_byte_order_mark_before_a_body_is_ignored(rf):
    request = rf.post("/", b'\xef\xbb\xbf{"text": "a", "author": "b"}', content_type="application/json")
    assert parse_body(request, NewFavourite) == NewFavourite("a", "b")


def test_a_body_and_a_query_are_values_of_their_types(rf):
    request = rf.post("/?limit=7&limit=8", {"text": "a", "author": "b"}, content_type="application/json")
    assert parse_body(request, NewFavourite) == NewFavourite(text="a", author="b")
    assert parse_query(request, Page) == Page(limit=8)


@dataclass
class Kept:
    created: datetime


def test_dataclasses_and_dates_are_written():
    response = json_response([Kept(datetime(2026, 1, 2, tzinfo=UTC))], 201)
    assert (response.status_code, response["Content-Type"]) == (201, "application/json")
    assert json.loads(response.content) == [{"created": "2026-01-02T00:00:00Z"}]
