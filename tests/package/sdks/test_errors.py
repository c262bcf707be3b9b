"""Which error of the HTTP library an error of a call becomes, so that an SDK makes its own of it."""

import pytest
from upstreams import (
    UnknownUpstream,
    UpstreamClosed,
    UpstreamConnectionError,
    UpstreamDecodeError,
    UpstreamPoolExhausted,
    UpstreamResponseTooLarge,
    UpstreamTimeout,
)
from upstreams.clients.sdk_errors import library_error
from upstreams.core.call import Call
from upstreams.core.errors import Limit
from upstreams.core.httpx import Request, httpx

CALL = Call("quotes", "GET", "items")
CONNECT = UpstreamConnectionError("late", call=CALL, phase="connect", limit=Limit("CONNECT_TIMEOUT", 1.0))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (CONNECT, httpx.ConnectTimeout),
        (UpstreamConnectionError("no", call=CALL, phase="connect"), httpx.ConnectError),
        (UpstreamConnectionError("no", call=CALL, phase="send"), httpx.ReadError),
        (UpstreamTimeout("late", call=CALL), httpx.ReadTimeout),
        (UpstreamPoolExhausted("full", call=CALL), httpx.PoolTimeout),
        (UpstreamClosed("closed", call=CALL), httpx.ConnectError),
        (UpstreamDecodeError("not gzip", call=CALL), httpx.DecodingError),
        (UpstreamResponseTooLarge("large", call=CALL), httpx.ReadError),
    ],
)
def test_it_becomes_that_of_the_library(error, kind):
    found = library_error(error, httpx, Request("GET", "http://quotes.test"))
    assert (type(found), found.__cause__, str(found)) == (kind, error, str(error))


def test_one_that_an_sdk_cannot_know_stays():
    error = UnknownUpstream("not in settings.UPSTREAMS", call=CALL)
    assert library_error(error, httpx, Request("GET", "http://quotes.test")) is error
