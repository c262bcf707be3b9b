"""For how long a stored response may be returned, also after it is no longer fresh (RFC 9111 §4.2, RFC 5861)."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import mktime_tz, parsedate_tz
from typing import Any

DIRECTIVE = re.compile(r'([\w-]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;"]*)))?')
FORBIDS_STALE = ("must-revalidate", "no-cache", "no-store", "private")
OF_SHARED_CACHES = ("s-maxage", "proxy-revalidate")
"""Directives that forbid a shared cache to return what is stale, unless the response itself says for how long."""
REVALIDATION_TIME = 3600.0
"""Seconds for which a response that can be revalidated is kept in addition."""
MAX_TIME = 7 * 24 * 3600.0
"""Seconds for which anything is kept."""


@dataclass(frozen=True)
class Windows:
    """For how long stale responses may be returned that say nothing about it themselves.

    Args:
        if_error: seconds, while the upstream fails.
        while_revalidate: seconds, while another request fetches a new one.
    """

    if_error: float = 0.0
    while_revalidate: float = 0.0


@dataclass(frozen=True)
class Stale:
    """A response that is stale, and may be returned all the same.

    Args:
        response: as hishel has it.
        age: seconds since it was made.
        may_revalidate_later: whether it may be returned before the upstream is asked.
    """

    response: Any
    age: float
    may_revalidate_later: bool


def find_stale(entries: Sequence[Any], asked: Mapping[str, str], defaults: Windows) -> Stale | None:
    """Return a stored response that may be returned though it is stale; None if there is none, or a fresh one.

    Args:
        entries: what hishel has stored for the request.
        asked: the headers of the request.
        defaults: for responses that say nothing about it.
    """
    if not entries or "cache-control" in asked or "pragma" in asked:
        return None
    entry = max(entries, key=lambda one: -age(one.response.headers))
    headers = entry.response.headers
    varies = headers.get("vary", "").lower()
    if entry.response.status_code // 100 != 2 or "*" in varies or "x-request-id" in varies:
        return None  # every other header is part of the key
    now = age(headers)
    stale, allowed = now - lifetime(headers), windows(headers, defaults)
    if not 0 <= stale < max(allowed.if_error, allowed.while_revalidate):
        return None
    return Stale(entry.response, now, stale < allowed.while_revalidate)


def directives(control: str) -> dict[str, str]:
    """Return the directives of a `Cache-Control` by their names in lower case."""
    found: dict[str, str] = {}
    for name, quoted, token in DIRECTIVE.findall(control):
        found.setdefault(name.lower(), quoted or token)
    return found


def age(headers: Mapping[str, str]) -> float:
    """Return the seconds since a response was made."""
    date = _date(headers.get("date", ""))
    return 0.0 if date is None else max(0.0, time.time() - date)


def lifetime(headers: Mapping[str, str]) -> float:
    """Return the seconds for which a response says to be fresh; 0 if it does not say."""
    control = directives(headers.get("cache-control", ""))
    for name in ("s-maxage", "max-age"):
        if name in control:
            return _seconds(control[name])
    date, expires = _date(headers.get("date", "")), _date(headers.get("expires", ""))
    changed = _date(headers.get("last-modified", ""))
    if date is None or (expires is None and changed is None):
        return 0.0
    if "expires" in headers:
        return max(0.0, (expires or 0.0) - date)
    return max(0.0, (date - (changed or date)) / 10)  # RFC 9111 §4.2.2


def windows(headers: Mapping[str, str], defaults: Windows) -> Windows:
    """Return for how long a response may be returned after it is no longer fresh.

    Args:
        headers: of the response.
        defaults: if it says nothing about it.
    """
    control = directives(headers.get("cache-control", ""))
    if any(name in control for name in FORBIDS_STALE):
        return Windows()
    if any(name in control for name in OF_SHARED_CACHES):
        defaults = Windows()
    return Windows(
        *(
            _seconds(control[name]) if name in control else default
            for name, default in (
                ("stale-if-error", defaults.if_error),
                ("stale-while-revalidate", defaults.while_revalidate),
            )
        )
    )


def keep_for(headers: Mapping[str, str], defaults: Windows) -> float:
    """Return the seconds after which a stored response is of no use any more."""
    stale = windows(headers, defaults)
    left = lifetime(headers) - age(headers) + max(stale.if_error, stale.while_revalidate)
    can_be_revalidated = "etag" in headers or "last-modified" in headers
    return min(MAX_TIME, max(0.0, left) + (REVALIDATION_TIME if can_be_revalidated else 0.0))


def _seconds(text: str) -> float:
    return min(float(text), MAX_TIME) if text.isascii() and text.isdigit() else 0.0


def _date(text: str) -> float | None:
    try:
        parsed = parsedate_tz(text)
        return None if parsed is None else float(mktime_tz(parsed))
    except (OverflowError, ValueError):
        return None
