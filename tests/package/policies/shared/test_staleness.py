"""For how long a stored response may be returned."""

import pytest
from upstreams.core.definition import parse
from upstreams.policies.staleness import Windows, find_stale, keep_for, lifetime, windows

DEFAULTS = Windows(if_error=5, while_revalidate=7)


@pytest.mark.parametrize(
    ("control", "expected"),
    [
        ("max-age=1", (5, 7)),
        ("max-age=1, stale-if-error=2", (2, 7)),
        ('max-age=1, Stale-If-Error="2", stale-while-revalidate=3', (2, 3)),
        ("s-maxage=1", (0, 0)),
        ("s-maxage=1, stale-while-revalidate=59", (0, 59)),
        ("max-age=1, must-revalidate, stale-if-error=2", (0, 0)),
        ("max-age=1, stale-if-error=-2, stale-while-revalidate=x", (0, 0)),
        ("max-age=1, stale-if-error=99999999999", (604800, 7)),
    ],
)
def test_for_how_long_a_response_may_be_stale(control, expected):
    found = windows({"cache-control": control}, DEFAULTS)
    assert (found.if_error, found.while_revalidate) == expected


DATE = "Mon, 01 Jan 2024 00:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "max-age=10, s-maxage=20"}, 20),
        ({"cache-control": "max-age=10", "date": DATE, "expires": DATE}, 10),
        ({"date": DATE, "expires": "Mon, 01 Jan 2024 00:01:00 GMT"}, 60),
        ({"date": DATE, "expires": "0", "last-modified": "Sun, 31 Dec 2023 00:00:00 GMT"}, 0),
        ({"date": DATE, "last-modified": "Sun, 31 Dec 2023 23:00:00 GMT"}, 360),
        ({"date": "Mon, 01 Jan 99999 00:00:00 GMT", "expires": DATE}, 0),
        ({}, 0),
    ],
)
def test_for_how_long_a_response_is_fresh(headers, seconds):
    assert lifetime(headers) == seconds


def test_nothing_is_kept_for_more_than_a_week():
    assert keep_for({"cache-control": "max-age=9999999999", "etag": "1"}, Windows()) == 7 * 24 * 3600
    assert find_stale([], {}, DEFAULTS) is None


@pytest.mark.parametrize("key", ["CACHE_STALE_IF_ERROR", "CACHE_STALE_WHILE_REVALIDATE"])
def test_the_keys_need_a_cache(key):
    _, problems = parse({"quotes": {"BASE_URL": "https://a.test", key: 60}})
    assert problems == [
        f'UPSTREAMS["quotes"]["{key}"]: has no effect without CACHE; write "CACHE": True, too'
    ]
