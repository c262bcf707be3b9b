"""When the circuit breaker opens, and when it closes again."""

import asyncio

import pytest
from upstreams import UpstreamCircuitOpen, UpstreamPoolExhausted, UpstreamProtocolError
from upstreams.core.httpx import Response, Transport
from upstreams.policies.circuit_breaker import CircuitBreaker

from policies.doubles import (
    CALL,
    LATE,
    Upstream,
    lost,
    request,
    send,
)


def breaker(inner, clock):
    return CircuitBreaker(inner, failure_ratio=0.5, minimum_calls=20, window=10, open_time=5, now=clock.now)


@pytest.mark.parametrize(
    "failure", [500, 503, lost("send"), LATE, UpstreamProtocolError("not HTTP", call=CALL)]
)
async def test_half_of_twenty_calls_open_the_breaker(clock, failure):
    upstream = Upstream(*[200] * 10, failure)
    policy = breaker(upstream, clock)
    await send(policy, 19)
    assert upstream.calls == 19
    outcomes = await send(policy, 3)
    assert upstream.calls == 20
    assert [type(outcome) for outcome in outcomes[1:]] == [UpstreamCircuitOpen, UpstreamCircuitOpen]
    assert outcomes[1].retry_after == 5


@pytest.mark.parametrize(
    "failure", [429, 404, lost("send", reused=True), UpstreamPoolExhausted("full", call=CALL)]
)
async def test_what_is_not_the_upstreams_failure_opens_nothing(clock, failure):
    upstream = Upstream(failure)
    await send(breaker(upstream, clock), 100)
    assert upstream.calls == 100


async def test_five_failures_to_connect_open_it(clock):
    upstream = Upstream(*[lost("connect")] * 4, 200, lost("connect"))
    await send(breaker(upstream, clock), 20)
    assert upstream.calls == 10


async def test_failures_are_forgotten_after_the_window(clock):
    upstream = Upstream(*[500] * 19, 200)
    policy = breaker(upstream, clock)
    await send(policy, 19)
    clock.seconds += 10
    await send(policy, 100)
    assert upstream.calls == 119


async def opened(clock, *then):
    upstream = Upstream(*[lost("connect")] * 5, *then)
    policy = breaker(upstream, clock)
    await send(policy, 6)
    assert upstream.calls == 5
    clock.seconds += 5
    return policy, upstream


async def test_a_good_probe_closes_it(clock):
    policy, upstream = await opened(clock, 200)
    await send(policy, 10)
    assert upstream.calls == 15


async def test_its_state_can_be_seen(clock):
    policy = breaker(Upstream(*[lost("connect")] * 5, 200), clock)
    states = [policy.state]
    await send(policy, 5)
    states.append(policy.state)
    clock.seconds += 5
    states.append(policy.state)
    await send(policy)
    assert [*states, policy.state] == ["closed", "open", "half_open", "closed"]


async def test_a_bad_probe_opens_it_again(clock):
    policy, upstream = await opened(clock, 500)
    await send(policy, 10)
    assert upstream.calls == 6
    clock.seconds += 5
    await send(policy, 10)
    assert upstream.calls == 7


@pytest.mark.parametrize("outcome", [UpstreamPoolExhausted("full", call=CALL), asyncio.CancelledError()])
async def test_a_probe_that_found_nothing_out_gives_its_turn_back(clock, outcome):
    policy, upstream = await opened(clock, outcome, 200)
    await send(policy, 3)
    assert upstream.calls == 8


async def test_there_is_one_probe_at_a_time(clock):
    policy, _ = await opened(clock, 200)
    waiting = asyncio.Event()

    class Slow(Transport):
        async def handle_async_request(self, request):
            await waiting.wait()
            return Response(200)

    policy._inner = Slow()
    probe = asyncio.create_task(policy.handle_async_request(request()))
    await asyncio.sleep(0)
    assert type((await send(policy))[0]) is UpstreamCircuitOpen
    waiting.set()
    assert (await probe).status_code == 200


async def test_a_call_cancelled_by_its_deadline_is_the_upstreams_failure(clock):
    upstream = Upstream(asyncio.CancelledError())
    await send(breaker(upstream, clock), 100, deadline=clock.now())
    assert upstream.calls == 20
