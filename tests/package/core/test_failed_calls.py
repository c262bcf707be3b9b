"""Which failed calls are kept, and what of them."""

import asyncio

import pytest
from upstreams.core import context, failed_calls
from upstreams.core.call import Call
from upstreams.core.errors import (
    Limit,
    UpstreamCircuitOpen,
    UpstreamConnectionError,
    UpstreamStatusError,
    UpstreamTimeout,
)
from upstreams.core.failed_calls import MAX_FAILED_CALLS, FailedCalls
from upstreams.core.httpx import Response
from upstreams.core.metrics import CallMetrics

CALL = Call("quotes", "GET", "by/{author}")


def fail(error):
    try:
        with CallMetrics(CALL):
            raise error
    except type(error):
        pass


@pytest.fixture
def kept(monkeypatch):
    monkeypatch.setattr(failed_calls, "kept", FailedCalls())
    return failed_calls.kept.by_alias


@pytest.mark.parametrize(
    ("error", "name", "detail"),
    [
        (
            UpstreamStatusError("a-secret", call=CALL, response=Response(503)),
            "UpstreamStatusError",
            "status 503",
        ),
        (
            UpstreamTimeout("a-secret", call=CALL, limit=Limit("TIMEOUT", 4)),
            "UpstreamTimeout",
            "TIMEOUT, 4 s",
        ),
        (UpstreamConnectionError("a-secret", call=CALL, phase="send"), "UpstreamConnectionError", "send"),
        (ValueError("a-secret"), "ValueError", ""),
    ],
)
def test_a_failed_call_is_kept_without_its_message(kept, error, name, detail):
    token = context.request_id.set("an-id")
    fail(error)
    context.request_id.reset(token)
    (found,) = kept["quotes"]
    assert (found.method, found.path, found.error, found.detail) == ("GET", "by/{author}", name, detail)
    assert (found.request_id, found.attempts) == ("an-id", 0)
    assert "a-secret" not in repr(found)


@pytest.mark.parametrize("error", [asyncio.CancelledError(), UpstreamCircuitOpen("open", call=CALL)])
def test_what_was_given_up_or_refused_is_not_kept(kept, error):
    fail(error)
    assert kept == {}


def test_the_oldest_one_goes_first(kept):
    for _ in range(MAX_FAILED_CALLS + 1):
        fail(ValueError())
    assert len(kept["quotes"]) == MAX_FAILED_CALLS


def test_without_an_app_that_wants_them_none_is_kept(monkeypatch):
    monkeypatch.setattr(failed_calls, "kept", None)
    fail(ValueError())
