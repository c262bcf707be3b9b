"""When the circuit breaker opens."""

import asyncio

import pytest
from upstreams import (
    UpstreamCircuitOpen,
    UpstreamConnectionError,
    UpstreamPoolExhausted,
    UpstreamProtocolError,
)
from upstreams.core.call import Call
from upstreams.core.httpx import Transport

from policies.circuit_breaker.breakers import attempts, breaker, opened
from policies.doubles import CALL, LATE, Upstream, lost, request, send


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
    assert outcomes[1].retry_after == 1


@pytest.mark.parametrize(
    "failure", [429, 404, lost("send", reused=True), UpstreamPoolExhausted("full", call=CALL)]
)
async def test_what_is_not_the_upstreams_failure_opens_nothing(clock, failure):
    upstream = Upstream(failure)
    await send(breaker(upstream, clock), 100)
    assert upstream.calls == 100


async def test_five_calls_in_a_row_without_a_connection_open_it(clock):
    upstream = Upstream(*[lost("connect")] * 4, 200, lost("connect"))
    await send(breaker(upstream, clock), 20)
    assert upstream.calls == 10


async def test_the_attempts_of_a_call_count_once(clock):
    policy = breaker(Upstream(lost("connect")), clock)
    calls = [Call("quotes", "GET", "random") for _ in range(5)]
    for call in calls[:4]:
        await attempts(policy, call, call, call)
    before = policy.state
    await attempts(policy, calls[4])
    assert (before, policy.state) == ("closed", "open")


async def test_a_call_that_succeeds_after_all_is_no_failure(clock):
    upstream = Upstream(*[500, 200] * 100, 500)
    policy = breaker(upstream, clock)
    for _ in range(100):
        call = Call("quotes", "GET", "random")
        await attempts(policy, call, call)
    assert (upstream.calls, policy.state) == (200, "closed")
    await send(policy, 200)
    assert policy.state == "open"


async def test_a_call_that_fails_twice_and_then_succeeds_is_no_failure(clock):
    upstream = Upstream(*[500, 500, 200] * 40)
    policy = breaker(upstream, clock)
    for _ in range(40):
        call = Call("quotes", "GET", "random")
        await attempts(policy, call, call, call)
    assert (upstream.calls, policy.state) == (120, "closed")


async def test_a_call_that_was_slowed_down_before_it_succeeded_is_one_failure_less(clock):
    policy = breaker(Upstream(*[500, 429, 200] * 20, 500), clock)
    for _ in range(20):
        call = Call("quotes", "GET", "random")
        await attempts(policy, call, call, call)
    await send(policy, 40)
    assert policy.state == "open"


async def test_failures_are_forgotten_after_the_window(clock):
    upstream = Upstream(*[500] * 19, 200)
    policy = breaker(upstream, clock)
    await send(policy, 19)
    clock.seconds += 10
    await send(policy, 100)
    assert upstream.calls == 119


async def test_calls_that_began_before_it_opened_or_closed_do_not_count(clock):
    policy, upstream = await opened(clock, 200)
    late = asyncio.Event()

    class Late(Transport):
        async def handle_async_request(self, request):
            await late.wait()
            raise lost("connect")

    policy._inner = upstream
    await send(policy)
    policy._inner = Late()
    calls = [asyncio.create_task(policy.handle_async_request(request())) for _ in range(10)]
    await asyncio.sleep(0)
    policy._inner = Upstream(lost("connect"))
    await send(policy, 5)
    assert policy.state == "open"
    clock.seconds += 1
    policy._inner = upstream
    await send(policy)
    late.set()
    await asyncio.wait(calls)
    assert [type(call.exception()) for call in calls] == [UpstreamConnectionError] * 10
    assert policy.state == "closed"


async def test_a_call_cancelled_by_its_deadline_is_the_upstreams_failure(clock):
    upstream = Upstream(asyncio.CancelledError())
    await send(breaker(upstream, clock), 100, deadline=clock.now())
    assert upstream.calls == 20
