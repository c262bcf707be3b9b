"""The rate limit, the queue, and the time limit of one attempt."""

import asyncio

import pytest
from upstreams import UpstreamPoolExhausted, UpstreamTimeout
from upstreams.policies.attempt_timeout import AttemptTimeout
from upstreams.policies.bulkhead import OF_CALLS, OF_STREAMS, Bulkhead, Slots
from upstreams.policies.rate_limit import RateLimit

from policies.doubles import (
    Held,
    Upstream,
    request,
    send,
)


async def test_calls_are_spaced_out(clock):
    policy = RateLimit(Upstream(200), 10, now=clock.now, sleep=clock.sleep)
    await send(policy, 13)
    assert sum(clock.slept) == pytest.approx(0.3)


async def test_a_wait_for_the_rate_beyond_the_deadline_fails_at_once(clock):
    upstream = Upstream(200)
    policy = RateLimit(upstream, 0.1, now=clock.now, sleep=clock.sleep)
    outcomes = await send(policy, 2, deadline=clock.now() + 5)
    assert (type(outcomes[1]), outcomes[1].retry_after) == (UpstreamPoolExhausted, 10)
    assert (upstream.calls, clock.slept) == (1, [])


async def tasks(policy, number):
    found = [asyncio.create_task(policy.handle_async_request(request())) for _ in range(number)]
    await asyncio.sleep(0)
    return found


def bulkhead(held, limit, queue_size, queue_timeout):
    return Bulkhead(
        held, *(Slots(limit, queue_size, queue_timeout, words) for words in (OF_CALLS, OF_STREAMS))
    )


async def test_more_callers_than_the_queue_holds_fail_at_once():
    held = Held()
    calls = await tasks(bulkhead(held, 2, 3, 60), 6)
    with pytest.raises(
        UpstreamPoolExhausted, match="all 2 connections are in use, and 3 calls are waiting"
    ) as caught:
        await calls[5]
    assert (held.running, caught.value.retry_after) == (2, 1)
    held.go.set()
    assert [response.status_code for response in await asyncio.gather(*calls[:5])] == [200] * 5


async def test_a_caller_waits_only_so_long():
    held = Held()
    calls = await tasks(bulkhead(held, 1, 1, 0.01), 2)
    with pytest.raises(UpstreamPoolExhausted, match=r"and none became free within QUEUE_TIMEOUT, 0\.01 s"):
        await calls[1]
    held.go.set()
    await calls[0]


async def test_a_caller_that_gives_up_leaves_its_place():
    held = Held()
    queue = bulkhead(held, 1, 1, 60)
    first, second = await tasks(queue, 2)
    second.cancel()
    await asyncio.wait([second])
    (third,) = await tasks(queue, 1)
    first.cancel()
    held.go.set()
    assert (await third).status_code == 200
    assert (queue._calls.free, list(queue._calls.queue)) == (1, [])


async def test_a_turn_that_comes_as_the_caller_gives_up_is_passed_on(monkeypatch):
    held = Held()
    queue = bulkhead(held, 1, 2, 60)
    first, second, third = await tasks(queue, 3)
    release = queue._calls.release

    def release_and_cancel():
        release()
        second.cancel()  # its turn has come, and it has not run since

    monkeypatch.setattr(queue._calls, "release", release_and_cancel)
    held.go.set()
    await first
    monkeypatch.undo()
    assert (await asyncio.wait_for(third, 5)).status_code == 200
    assert second.cancelled()
    assert queue._calls.free == 1


async def test_streams_leave_calls_their_slots():
    queue = bulkhead(Upstream(200), 2, 0, 60)
    streams = [await queue.handle_async_request(request(is_stream=True)) for _ in range(2)]
    with pytest.raises(
        UpstreamPoolExhausted, match=r"all 2 streams are open, .*; raise MAX_STREAMS or close"
    ):
        await queue.handle_async_request(request(is_stream=True))
    assert [(await queue.handle_async_request(request())).status_code for _ in range(2)] == [200] * 2
    await streams[0].stream.aclose()
    assert (await queue.handle_async_request(request(is_stream=True))).status_code == 200


async def test_an_attempt_has_its_time(clock):
    with pytest.raises(UpstreamTimeout, match=r"no response within ATTEMPT_TIMEOUT, 0\.01 s"):
        await AttemptTimeout(Held(), 0.01, None).handle_async_request(request())


@pytest.mark.parametrize(("deadline", "offered"), [(1001.5, "1500"), (1009, "3000"), (999, "0")])
async def test_the_upstream_receives_the_time_left(clock, deadline, offered):
    sent = request(deadline=deadline)
    await AttemptTimeout(Upstream(200), 3, "X-Timeout-Ms", now=clock.now).handle_async_request(sent)
    assert sent.headers["X-Timeout-Ms"] == offered
