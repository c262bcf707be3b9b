"""A circuit breaker in the states that tests begin with."""

import asyncio

from upstreams.policies.circuit_breaker import CircuitBreaker

from policies.doubles import Upstream, lost, request, send


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


async def opened(clock, *then):
    upstream = Upstream(*[lost("connect")] * 5, *then)
    policy = breaker(upstream, clock)
    await send(policy, 6)
    assert upstream.calls == 5
    clock.seconds += 1
    return policy, upstream


async def open_times(policy, clock, number):
    """The seconds until each next probe, all of which fail."""
    times = []
    for _ in range(number):
        await send(policy)
        times.append((await send(policy))[0].retry_after)
        clock.seconds += times[-1]
    return times


async def attempts(policy, *calls):
    """One attempt of each of these calls."""
    for call in calls:
        one = request()
        one.extensions["call"] = call
        await asyncio.gather(policy.handle_async_request(one), return_exceptions=True)
