"""`Retry-After` (RFC 9110 §10.2.3), and how much of it is believed."""

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from upstreams.core.httpx import Headers

MAX_SECONDS = 24 * 3600.0
"""The longest wait that is kept and passed on. A longer one is a mistake, and may be no number of seconds at all."""
NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
"""Seconds; the standard has whole ones, some servers write fractions."""


def bounded(seconds: object) -> float | None:
    """Return the seconds, from 0 to `MAX_SECONDS`; None for what is no number.

    Args:
        seconds: an attribute of an error, which may be anything.
    """
    if not isinstance(seconds, int | float) or seconds != seconds:  # noqa: PLR0124 - NaN
        return None
    return float(min(max(seconds, 0), MAX_SECONDS))


def read(headers: Headers) -> float | None:
    """Return the seconds that an upstream asks for, the longest of several headers; None without a valid one."""
    found = [_seconds(value) for value in headers.get_list("Retry-After")]
    return max((seconds for seconds in found if seconds is not None), default=None)


def header_value(seconds: object) -> str | None:
    """Return the value of the header for a client, in whole seconds; None for what is no number."""
    wait = bounded(seconds)
    return None if wait is None else str(math.ceil(wait))


def _seconds(value: str) -> float | None:
    if NUMBER.fullmatch(value):
        return bounded(float(value))
    try:
        date = parsedate_to_datetime(value)
        if date.tzinfo is None:  # as in the form of asctime (RFC 9110 §5.6.7)
            date = date.replace(tzinfo=UTC)
        return bounded((date - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError, ArithmeticError):  # a year of twenty digits is an OverflowError
        return None
