"""Each caller keeps its own deadline, cancellation, response and error."""

import asyncio
import gc
import threading
import weakref

import pytest
from asgiref.sync import async_to_sync
from testproject.quotes import quotes
from upstreams import UpstreamConnectionError, UpstreamStatusError, UpstreamTimeout

from policies.coalesce.calls import callers, counted, flights, start


@pytest.mark.parametrize("leaving", [0, 1], ids=["the first", "the second"])
async def test_a_caller_that_is_cancelled_leaves_the_others(upstream, leaving):
    calls = start(2)
    await callers(2)
    calls.pop(leaving).cancel()
    await callers(1)
    upstream.go.set()
    assert (await calls[0]).text == "ok"
    assert (len(upstream.requests), upstream.lost) == (1, 0)


async def test_the_last_that_leaves_cancels_the_request(upstream):
    before = counted("upstream_attempts_total")
    calls = start(2)
    await upstream.arrived(1)
    for call in calls:
        call.cancel()
    await asyncio.wait(calls)
    assert [call.cancelled() for call in calls] == [True] * 2
    await upstream.abandoned(1)
    assert not flights()
    assert counted("upstream_attempts_total") - before == 1
    again = start()
    await upstream.arrived(2)
    upstream.go.set()
    await again[0]


@pytest.mark.parametrize("first_is_short", [True, False])
async def test_each_caller_has_its_own_deadline(upstream, first_is_short):
    short, long = {"timeout": 0.05}, {"timeout": 8}
    calls = start(**(short if first_is_short else long)) + start(**(long if first_is_short else short))
    late, waiting = calls if first_is_short else calls[::-1]
    with pytest.raises(UpstreamTimeout, match=r"no complete response within timeout, 0\.05 s \(1 attempt\)"):
        await late
    assert not waiting.done()
    upstream.go.set()
    assert (await waiting).text == "ok"
    assert len(upstream.requests) == 1


async def test_the_request_may_be_retried_for_the_longest_deadline(upstream):
    upstream.response = b"HTTP/1.1 503 -\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n"
    short, long = start(timeout=0.5) + start(timeout=8)
    await upstream.arrived(1)
    upstream.go.set()
    with pytest.raises(UpstreamTimeout):  # and not the 503, as alone
        await short
    upstream.response = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
    assert (await long).text == "ok"


async def test_an_error_is_shared_and_not_kept(upstream):
    upstream.response = b"HTTP/1.1 503 -\r\ncontent-length: 4\r\n\r\nbusy"
    calls = start(2, attempts=2)
    await callers(2)
    upstream.go.set()
    failed = await asyncio.gather(*calls, return_exceptions=True)
    assert len(upstream.requests) == 2
    assert [type(error) for error in failed] == [UpstreamStatusError] * 2
    assert [str(error) for error in failed] == ["upstream quotes: GET random: status 503 (2 attempts)"] * 2
    assert failed[0].response is not failed[1].response
    upstream.response = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
    assert (await quotes.get("random")).text == "ok"


async def test_an_error_of_the_connection_is_one_of_each_caller(upstream):
    upstream.response, upstream.closes = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok", True
    upstream.go.set()
    failed = await asyncio.gather(*start(3), return_exceptions=True)
    assert {type(error) for error in failed} == {UpstreamConnectionError}
    assert len({id(error) for error in failed}) == 3
    assert len({str(error) for error in failed}) == 1
    assert [error.attempts for error in failed] == [failed[0].attempts] * 3


async def test_a_failure_is_freed_without_the_collector(upstream):
    upstream.response = b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\nok"
    upstream.go.set()
    gc.collect()
    gc.disable()
    try:
        failed = await asyncio.gather(*start(2), return_exceptions=True)
        seen = [weakref.ref(error) for error in failed]
        del failed
        await asyncio.sleep(0)
        assert [ref() for ref in seen] == [None] * 2
    finally:
        gc.enable()


async def test_callers_of_other_threads_and_loops_share_it(upstream):
    found = []

    def call():
        found.append(async_to_sync(quotes.get)("random").text)

    threads = [threading.Thread(target=call) for _ in range(3)]
    for thread in threads:
        thread.start()
    here = start()
    await callers(4)
    upstream.go.set()
    assert (await here[0]).text == "ok"
    for thread in threads:
        await asyncio.to_thread(thread.join)
    assert (found, len(upstream.requests)) == (["ok"] * 3, 1)


async def test_tenants_do_not_share(upstream):
    upstream.go.set()
    tenants = [quotes.using(auth={"BEARER": token}) for token in ("a", "a", "b")]
    await asyncio.gather(*(tenant.get("random") for tenant in tenants))
    assert len(upstream.requests) == 2
