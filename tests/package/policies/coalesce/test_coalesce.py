"""Identical calls in flight become one."""

import asyncio

import pytest
from testproject.quotes import quotes

from policies.coalesce.calls import callers, counted, flights, start


async def test_identical_calls_are_one_request_and_each_gets_its_own_response(upstream):
    before = counted("upstream_attempts_total"), counted("upstream_coalesced_total")
    calls = start(3)
    await callers(3)
    upstream.go.set()
    found = await asyncio.gather(*calls)
    assert len(upstream.requests) == 1
    assert [(one.text, one.headers["etag"]) for one in found] == [("ok", "1")] * 3
    assert len({id(one) for one in found}) == len({id(one.headers) for one in found}) == 3
    assert len({id(one.extensions) for one in found}) == len({id(one.request) for one in found}) == 3
    assert all(one.elapsed for one in found)
    after = counted("upstream_attempts_total"), counted("upstream_coalesced_total")
    assert (after[0] - before[0], after[1] - before[1]) == (1, 2)
    assert not flights()


async def test_what_ended_is_not_kept(upstream):
    upstream.go.set()
    for _ in range(2):
        await asyncio.gather(*start(2))
    assert len(upstream.requests) == 2


DIFFERENT = [
    {"headers": {"Authorization": "Bearer b"}},
    {"headers": {"Cookie": "a=b"}},
    {"headers": {"X-Api-Key": "b"}},
    {"headers": {"Accept": "text/plain"}},
    {"headers": {"Cache-Control": "no-cache"}},
    {"params": {"page": 2}},
    {"attempts": 1},
    {"json": {}},
]


@pytest.mark.parametrize("more", DIFFERENT, ids=str)
async def test_calls_that_differ_are_requests_of_their_own(upstream, more):
    upstream.go.set()
    await asyncio.gather(*start(), *start(**more))
    assert len(upstream.requests) == 2


@pytest.mark.parametrize(
    "name", ["X-Request-ID", "traceparent", "tracestate", "baggage", "B3", "X-B3-TraceId"]
)
async def test_the_headers_of_traces_select_no_response(upstream, name):
    calls = start(headers={name: "1"}) + start(headers={name: "2"})
    await callers(2)
    upstream.go.set()
    await asyncio.gather(*calls)
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT"])
async def test_other_methods_are_not_shared(upstream, method):
    calls = [asyncio.create_task(quotes.request(method, "random")) for _ in range(2)]
    await upstream.arrived(2)
    for call in calls:
        call.cancel()
    await asyncio.wait(calls)


async def test_streams_are_not_shared(upstream):
    upstream.go.set()
    assert [[chunk async for chunk in quotes.export()] for _ in range(2)] == [[b"ok"]] * 2
    assert len(upstream.requests) == 2


async def test_a_read_after_a_write_is_not_one_that_was_sent_before_it(upstream):
    early = start()
    await upstream.arrived(1)
    writing = asyncio.create_task(quotes.post("elsewhere"))
    await upstream.arrived(2)
    writing.cancel()
    await asyncio.wait([writing])
    late = start()
    await upstream.arrived(3)
    upstream.go.set()
    await asyncio.gather(*early, *late)
