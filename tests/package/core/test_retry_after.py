"""`Retry-After`, as upstreams write it and as clients get it."""

import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from upstreams.core.httpx import Headers
from upstreams.core.retry_after import MAX_SECONDS, bounded, header_value, read


def asked(*values):
    return read(Headers([(b"Retry-After", value.encode()) for value in values]))


@pytest.mark.parametrize(
    ("values", "seconds"),
    [
        (["0"], 0),
        (["1"], 1),
        (["30"], 30),
        (["-1"], None),
        (["soon"], None),
        (["1.5"], 1.5),
        (["0.25", "0"], 0.25),
        (["1."], None),
        (["1e3"], None),
        (["1,5"], None),
        (["\u0661"], None),
        (["1", "7"], 7),
        ([], None),
        ([format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)], 0),
        (["Wed, 21 Oct 2015 07:28:00"], 0),
    ],
)
def test_it_is_read_as_the_standard_says(values, seconds):
    assert asked(*values) == seconds


@pytest.mark.parametrize(
    "form",
    [
        "%a, %d %b %Y %H:%M:%S GMT",
        "%A, %d-%b-%y %H:%M:%S GMT",
        "%a %b %e %H:%M:%S %Y",
        "%a, %d %b %Y %H:%M:%S +0000",
        "%a, %d %b %Y %H:%M:%S UTC",
    ],
    ids=["IMF-fixdate", "RFC 850", "asctime", "an offset", "UTC"],
)
def test_it_may_be_a_date(form):
    assert 55 < asked((datetime.now(UTC) + timedelta(seconds=60)).strftime(form)) <= 60


@pytest.mark.parametrize(
    "value", ["86401", "999999999999", "9" * 309, "9" * 60_000, "Fri, 31 Dec 9999 23:59:59 GMT"], ids=len
)
def test_more_than_a_day_is_a_day(value):
    assert asked(value) == MAX_SECONDS


@pytest.mark.parametrize(
    "value",
    [
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Mon, 01 Jan 2030 00:00:00 +99999999999",
        "Mon, 99 Jan 2030 99:99:99 GMT",
        "," * 1000,
    ],
)
def test_a_date_that_is_none_is_ignored(value):
    assert asked(value) is None


@pytest.mark.parametrize("seconds", [math.inf, 1e300, 10**400])
def test_any_number_has_a_value_for_clients(seconds):
    assert header_value(seconds) == "86400"


@pytest.mark.parametrize("seconds", [None, math.nan, "7", timedelta(seconds=7)])
def test_what_is_no_number_is_left_out(seconds):
    assert (bounded(seconds), header_value(seconds)) == (None, None)


def test_a_negative_number_is_no_wait():
    assert bounded(-(10**400)) == 0
