"""Which requests a cache may handle, and which responses it may store, beyond RFC 9111 as hishel reads it."""

import re
import time
from email.utils import formatdate, parsedate_tz
from typing import Final

from upstreams.core.bodies import is_empty
from upstreams.core.call import Call
from upstreams.core.httpx import Request, Response, Transport
from upstreams.core.urls import NO_CREDENTIALS
from upstreams.policies.base import Policy

ALLOWS_SHARING = re.compile(r"(^|[\s,])(public|must-revalidate|s-maxage)(?![\w-])", re.IGNORECASE)
FORBIDS_SHARING = re.compile(r"(^|[\s,])(private|no-store)(?![\w-])", re.IGNORECASE)
QUOTED = re.compile(r'"[^"]*"')
UNSTORED: Final = "unstored"
"""The extension of a request whose response must not be stored: that response."""
REPLACEABLE: Final = "replaceable"
"""The extension of a request instead of whose failure a stored response is returned."""
FAILURES = {500, 502, 503, 504}
"""The statuses of RFC 5861 §4."""


class Replaced(Exception):
    """The upstream has failed, and a stored response is returned instead."""


class Storable(Policy):
    """Keeps responses from being stored that hishel would store.

    Args:
        inner: the next transport.
        credentials: whether every request has a credential.
    """

    def __init__(self, inner: Transport, *, credentials: bool) -> None:
        super().__init__(inner)
        self._credentials = credentials

    async def handle_async_request(self, request: Request) -> Response:
        # Before the inner policies add headers, such as one of a trace.
        is_tenants = Call.of(request).tenant is not None
        has_credential = self._credentials or is_tenants or not NO_CREDENTIALS.issuperset(request.headers)
        response = await self._inner.handle_async_request(request)
        if response.status_code in FAILURES and REPLACEABLE in request.extensions:
            raise Replaced
        control = response.headers.get("cache-control", "")
        directives = QUOTED.sub("", control)
        is_allowed = not has_credential or ALLOWS_SHARING.search(directives) is not None
        if response.status_code == 304:  # its headers replace those that are stored
            response.headers.pop("set-cookie", None)
            if control and (not is_allowed or FORBIDS_SHARING.search(directives)):
                response.headers["cache-control"] = f"{control}, no-cache"
            return _dated(response)
        if is_allowed and "set-cookie" not in response.headers:
            return _dated(response)
        request.extensions[UNSTORED] = response
        return Response(response.status_code, headers={"cache-control": "no-store"})


def _dated(response: Response) -> Response:
    """Set `Date` where it is missing (RFC 9110 §6.6.1): without one, hishel takes a response for new forever."""
    if parsedate_tz(response.headers.get("date", "")) is None:
        response.headers["date"] = formatdate(time.time(), usegmt=True)
    return response


def is_cacheable(request: Request) -> bool:
    """Return whether a cache may handle a request."""
    asks_not_to = "no-store" in request.headers.get("cache-control", "").lower()
    return is_empty(request) and request.method in ("GET", "HEAD") and not asks_not_to
