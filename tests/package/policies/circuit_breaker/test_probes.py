"""When the circuit breaker closes again."""

import asyncio

import pytest
from upstreams import (
    UpstreamCircuitOpen,
    UpstreamConnectionError,
    UpstreamPoolExhausted,
)
from upstreams.core.httpx import Response, Transport

from policies.circuit_breaker.breakers import breaker, opened
from policies.doubles import CALL, Upstream, lost, request, send


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
