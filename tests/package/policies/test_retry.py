"""What is retried, when, and how often."""

import asyncio
import io

import pytest
from upstreams import (
    UpstreamCircuitOpen,
    UpstreamConnectionError,
    UpstreamPoolExhausted,
    UpstreamProtocolError,
)
from upstreams.core.httpx import Response, httpx

from policies.doubles import (
    CALL,
    LATE,
    Upstream,
    lost,
    request,
)
from policies.retries import retry


@pytest.mark.parametrize(
    "failure",
    [429, 502, 503, 504, lost("connect"), lost("send", reused=True), lost("send"), lost("receive"), LATE],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"])
async def test_an_idempotent_request_is_sent_again(clock, method, failure):
    upstream = Upstream(failure, 200)
    response = await retry(upstream, clock).handle_async_request(request(method))
    assert (response.status_code, upstream.calls) == (200, 2)


@pytest.mark.parametrize("failure", [503, lost("send", reused=True), lost("send"), lost("receive"), LATE])
async def test_a_post_is_sent_once(clock, failure):
    upstream = Upstream(failure, 200)
    outcome = await asyncio.gather(
        retry(upstream, clock).handle_async_request(request("POST")), return_exceptions=True
    )
    assert getattr(outcome[0], "status_code", outcome[0]) == failure
    assert upstream.calls == 1


async def test_a_post_that_was_not_sent_is_sent_again(clock):
    upstream = Upstream(lost("connect"), 200)
    await retry(upstream, clock).handle_async_request(request("POST"))
    assert upstream.calls == 2


async def test_a_keyed_post_is_sent_again_with_its_key(clock):
    upstream = Upstream(503, 200)
    keyed = request("POST", headers={"Idempotency-Key": "k"}, content=b"body")
    await retry(upstream, clock).handle_async_request(keyed)
    assert upstream.calls == 2


class Both(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body of somebody's own: nobody knows whether it can be read again."""


class Bytes(httpx.ByteStream):
    """Bytes of somebody's own, which may come from anywhere."""


async def chunks():
    yield b"x"


@pytest.mark.parametrize(
    "body",
    [
        {"content": chunks()},
        {"content": (part for part in [b"x"])},
        {"content": io.BytesIO(b"x")},
        {"stream": httpx.AsyncByteStream()},
        {"stream": httpx.SyncByteStream()},
        {"stream": Both()},
        {"stream": Bytes(b"")},
        {"files": {"f": io.BytesIO(b"x")}},
    ],
    ids=[
        "async iterator",
        "iterator",
        "file",
        "async stream",
        "sync stream",
        "both",
        "own bytes",
        "raw form",
    ],
)
async def test_a_body_that_may_not_be_replayable_is_sent_once(clock, body):
    upstream = Upstream(503, 200)
    await retry(upstream, clock).handle_async_request(request("PUT", **body))
    assert upstream.calls == 1


@pytest.mark.parametrize("status", [200, 301, 400, 401, 404, 409, 500, 501])
async def test_other_statuses_are_final(clock, status):
    upstream = Upstream(status)
    response = await retry(upstream, clock).handle_async_request(request())
    assert (response.status_code, upstream.calls) == (status, 1)


@pytest.mark.parametrize(
    "failure",
    [
        UpstreamPoolExhausted("full", call=CALL),
        UpstreamCircuitOpen("open", call=CALL),
        UpstreamProtocolError("not HTTP", call=CALL),
    ],
)
async def test_other_errors_are_final(clock, failure):
    upstream = Upstream(failure, 200)
    with pytest.raises(type(failure)):
        await retry(upstream, clock).handle_async_request(request())
    assert upstream.calls == 1


async def test_the_last_failure_is_passed_on(clock):
    upstream = Upstream(503, lost("send"))
    with pytest.raises(UpstreamConnectionError):
        await retry(upstream, clock).handle_async_request(request())
    assert upstream.calls == 3


@pytest.mark.parametrize(("failure", "most"), [(502, [0.05, 0.1, 0.2, 0.4]), (503, [1, 2, 4, 5])])
async def test_backoff_doubles_up_to_its_end(clock, monkeypatch, failure, most):
    monkeypatch.setattr("upstreams.policies.retry.uniform", lambda low, high: high)
    await retry(Upstream(failure), clock, attempts=5, budget=1).handle_async_request(request())
    assert clock.slept == pytest.approx(most)


async def test_backoff_is_anything_up_to_that(clock):
    for _ in range(50):
        await retry(Upstream(502, 200), clock).handle_async_request(request())
    assert max(clock.slept) <= 0.05
    assert len(set(clock.slept)) > 10


async def test_an_upstream_is_never_asked_earlier_than_it_said(clock):
    upstream = Upstream(Response(429, headers={"Retry-After": "7"}), 200)
    await retry(upstream, clock).handle_async_request(request())
    assert clock.slept[0] >= 7


async def test_a_wait_beyond_the_deadline_fails_at_once(clock):
    upstream = Upstream(Response(429, headers={"Retry-After": "86400"}), 200)
    response = await retry(upstream, clock).handle_async_request(request())
    assert (response.status_code, clock.slept) == (429, [])
