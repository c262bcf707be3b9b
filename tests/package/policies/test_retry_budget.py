"""How many retries an upstream gets, as a share of its calls."""

import asyncio

import pytest
from upstreams import (
    UpstreamCertificateError,
)

from policies.doubles import (
    CALL,
    Upstream,
    lost,
    request,
    send,
)
from policies.retries import retry


@pytest.mark.parametrize(("calls", "most"), [(10, 5), (100, 23)])
async def test_retries_are_a_share_of_the_calls(clock, calls, most):
    upstream = Upstream(lost("send"))
    policy = retry(upstream, clock, backoff=1e-9)
    await asyncio.gather(
        *(policy.handle_async_request(request()) for _ in range(calls)), return_exceptions=True
    )
    assert calls < upstream.calls <= calls + most


async def test_what_is_left_of_the_budget_can_be_seen(clock):
    policy = retry(Upstream(lost("send"), lost("send"), 200), clock, backoff=1e-9)
    left = [policy.budget_left]
    await send(policy)
    left.append(policy.budget_left)
    clock.seconds += 60
    assert [*left, policy.budget_left] == pytest.approx([3, 1.2, 3.2])


async def test_a_connection_that_was_closed_meanwhile_costs_no_budget(clock):
    upstream = Upstream(*[lost("send", reused=True), 200] * 50)
    policy = retry(upstream, clock, budget=0)
    outcomes = await send(policy, 50)
    assert [response.status_code for response in outcomes] == [200] * 50


async def test_an_upstream_that_is_not_trusted_is_not_asked_again(clock):
    upstream = Upstream(UpstreamCertificateError("expired", call=CALL, phase="connect"), 200)
    await send(retry(upstream, clock))
    assert upstream.calls == 1


async def test_a_frozen_clock_refills_nothing(clock):
    upstream = Upstream(lost("send"))
    policy = retry(upstream, clock, backoff=0, budget=0)
    await asyncio.gather(*(policy.handle_async_request(request()) for _ in range(10)), return_exceptions=True)
    assert upstream.calls == 13
    clock.seconds -= 100  # a clock that goes back takes nothing away
    await asyncio.gather(policy.handle_async_request(request()), return_exceptions=True)
    assert upstream.calls == 14
