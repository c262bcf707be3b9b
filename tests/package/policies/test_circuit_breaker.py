"""When the circuit breaker opens, and when it closes again."""

import asyncio

import pytest
from upstreams import (
    UpstreamCircuitOpen,
    UpstreamConnectionError,
    UpstreamPoolExhausted,
    UpstreamProtocolError,
)
from upstreams.core.call import Call
from upstreams.core.httpx import Response, Transport
from upstreams.policies import circuit_breaker
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
    return CircuitBreaker(
        inner,
        failure_ratio=0.5,
        minimum_calls=20,
        window=10,
        connect_failures=5,
        open_time=1,
        max_open_time=60,
        now=clock.now,
    )


@pytest.fixture(autouse=True)
def longest(monkeypatch):
    """No jitter: each open time is the longest."""
    monkeypatch.setattr(circuit_breaker, "uniform", lambda low, high: high)


async def attempts(policy, *calls):
    """One attempt of each of these calls."""
    for call in calls:
        one = request()
        one.extensions["call"] = call
        await asyncio.gather(policy.handle_async_request(one), return_exceptions=True)


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


async def opened(clock, *then):
    upstream = Upstream(*[lost("connect")] * 5, *then)
    policy = breaker(upstream, clock)
    await send(policy, 6)
    assert upstream.calls == 5
    clock.seconds += 1
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
    clock.seconds += 1
    states.append(policy.state)
    await send(policy)
    assert [*states, policy.state] == ["closed", "open", "half_open", "closed"]


async def open_times(policy, clock, number):
    """The seconds until each next probe, all of which fail."""
    times = []
    for _ in range(number):
        await send(policy)
        times.append((await send(policy))[0].retry_after)
        clock.seconds += times[-1]
    return times


async def test_each_bad_probe_opens_it_for_longer_up_to_a_limit(clock):
    policy, upstream = await opened(clock, 500)
    times = await open_times(policy, clock, 14)
    assert upstream.calls == 5 + 14
    assert times[:5] == pytest.approx([1, 1, 1.5, 2.25, 3.375])
    assert times[-2:] == [60, 60]


async def test_no_open_time_is_longer_than_half_of_the_outage(clock, monkeypatch):
    monkeypatch.undo()  # with jitter
    policy, _ = await opened(clock, 500)
    began = clock.seconds - 1
    for _ in range(20):
        (time,) = await open_times(policy, clock, 1)
        assert time <= max(1, (clock.seconds - time - began) / 2)


async def test_open_times_have_jitter(clock, monkeypatch):
    monkeypatch.undo()
    times = [(await open_times((await opened(clock, 500))[0], clock, 1))[0] for _ in range(20)]
    assert len(set(times)) > 10
    assert all(0.5 <= time <= 1 for time in times)


async def test_the_open_time_starts_over_after_a_window_in_which_the_upstream_is_well(clock):
    policy, _ = await opened(clock, *[500] * 8, *[200] * 21, lost("connect"))
    await open_times(policy, clock, 8)
    await send(policy, 21 + 5)
    assert (await send(policy))[0].retry_after == 1


async def test_an_upstream_that_fails_again_at_once_is_left_alone_for_longer(clock):
    policy, _ = await opened(clock, *[500] * 8, *[200] * 3, lost("connect"))
    *_, last = await open_times(policy, clock, 8)
    await send(policy, 3 + 5)
    assert (await send(policy))[0].retry_after > last


async def test_the_open_time_starts_over_at_few_calls_too(clock):
    policy, _ = await opened(clock, *[500] * 8, *[200] * 3, lost("connect"))
    await open_times(policy, clock, 8)
    await send(policy, 3)
    clock.seconds += 10
    await send(policy, 5)
    assert (await send(policy))[0].retry_after == 1


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


async def test_a_probe_without_a_response_is_followed_by_another(clock):
    policy, upstream = await opened(clock, 200)
    waiting = asyncio.Event()

    class Silent(Transport):
        async def handle_async_request(self, request):
            await waiting.wait()
            raise lost("send")

    policy._inner = Silent()
    probe = asyncio.create_task(policy.handle_async_request(request()))
    await asyncio.sleep(0)
    policy._inner = upstream
    clock.seconds += 1
    await send(policy)
    assert policy.state == "closed"
    waiting.set()
    await asyncio.wait([probe])
    assert isinstance(probe.exception(), UpstreamConnectionError)


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
