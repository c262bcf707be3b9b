"""What a client is told of a body or a query that does not fit."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from django.core.exceptions import BadRequest

from api.bodies import NewFavourite, Page, asked, json_response, parsed


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "the body: input data was truncated"),
        (b"\xff", "the body: JSON is malformed: invalid character (byte 0)"),
        (b'{"text": "\xff"}', "the body: is not UTF-8"),
        (b"[" * 10**5, "the body: expected `object`, got `array`"),
        (b'{"text": "a", "x": ' + b"[" * 10**5, "x: unknown field"),
        (b'{"text": "a"}', "author: is missing"),
        (b'{"text": 1, "author": "a"}', "text: expected `str`, got `int`"),
        (b'{"text": "\\u0000", "author": "a"}', "text: expected `str` matching regex '^[^\\\\x00]+$'"),
        (b'{"text": "a", "author": "a", "id": 1}', "id: unknown field"),
    ],
    ids=lambda value: value[:40],
)
def test_what_is_wrong_with_a_body(rf, body, said):
    with pytest.raises(BadRequest) as caught:
        parsed(rf.post("/", body, content_type="application/json"), NewFavourite)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("limit=0", "limit: expected `int` >= 1"),
        ("limit=101", "limit: expected `int` <= 100"),
        ("before=%00", "before: expected `int | null`"),
    ],
)
def test_what_is_wrong_with_a_query(rf, query, said):
    with pytest.raises(BadRequest) as caught:
        asked(rf.get(f"/?{query}"), Page)
    assert str(caught.value) == said


@dataclass
class Kept:
    created: datetime


def test_dataclasses_and_dates_are_written():
    response = json_response([Kept(datetime(2026, 1, 2, tzinfo=UTC))], 201)
    assert (response.status_code, response["Content-Type"]) == (201, "application/json")
    assert json.loads(response.content) == [{"created": "2026-01-02T00:00:00Z"}]
