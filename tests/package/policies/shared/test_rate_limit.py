"""A rate limit that several processes share: each policy here is that of a process."""

import asyncio
import time
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from upstreams import UpstreamPoolExhausted
from upstreams.core.shared_state import Location
from upstreams.policies.redis_server import RedisServer
from upstreams.policies.shared_rate_limit import SharedRateLimit

from policies.doubles import Upstream, request, send
from policies.shared.conftest import URL


@asynccontextmanager
async def limited(prefix, rate, processes=1):
    async with AsyncExitStack() as stack:
        policies = []
        for _ in range(processes):
            server = RedisServer(Location(URL, (), prefix))
            stack.push_async_callback(server.aclose)
            policies.append(SharedRateLimit(Upstream(200), rate, "quotes", server, processes))
            stack.push_async_callback(policies[-1].aclose)
        yield policies


def within(seconds):
    return {"deadline": time.monotonic() + seconds}


async def test_the_turn_of_one_process_is_not_that_of_another(redis, prefix):
    async with limited(prefix, 0.1, processes=2) as (first, second):
        passed, refused = await send(first, **within(5)) + await send(second, **within(5))
    assert passed.status_code == 200
    assert isinstance(refused, UpstreamPoolExhausted)
    assert refused.retry_after == pytest.approx(10, abs=0.5)
    assert str(refused) == (
        "upstream quotes: GET random: RATE_LIMIT, 0.1 calls per second, is used up until after the deadline; "
        "make fewer calls, or raise TIMEOUT to wait"
    )
    assert second._inner.calls == 0


async def test_what_is_refused_takes_no_turn(redis, prefix):
    async with limited(prefix, 0.1, processes=2) as (first, second):
        await send(first, **within(5))
        refused = await send(second, 3, **within(5))
    assert [one.retry_after for one in refused] == pytest.approx([10] * 3, abs=0.5)


async def test_the_calls_of_all_processes_are_spaced_out(redis, prefix):
    sent = []

    async def call(policy):
        await send(policy, **within(5))
        sent.append(time.monotonic())

    async with limited(prefix, 40, processes=2) as policies:
        await asyncio.gather(*(call(policy) for policy in policies for _ in range(5)))
    assert max(sent) - min(sent) >= 9 / 40 - 0.01


async def test_calls_that_wait_at_once_are_reserved_by_few_commands(redis, prefix):
    commands = 0
    async with limited(prefix, 10_000) as (policy,):
        run = policy._server.run

        async def counted(command):
            nonlocal commands
            commands += 1
            return await run(command)

        policy._server.run = counted
        calls = (policy.handle_async_request(request(**within(5))) for _ in range(250))
        assert {one.status_code for one in await asyncio.gather(*calls)} == {200}
    assert commands == 3  # 100 calls each


async def test_the_turn_of_a_caller_that_leaves_goes_to_the_next(redis, prefix):
    async with limited(prefix, 1) as (policy,):
        await send(policy, **within(5))
        leaving = asyncio.create_task(policy.handle_async_request(request(**within(5))))
        while not policy._reserving:
            await asyncio.sleep(0)
        await asyncio.wait([policy._reserving])
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.wait([leaving])
        began = time.monotonic()
        await send(policy, **within(5))
        assert time.monotonic() - began < 1.75  # and not at 2, as the third


async def test_a_caller_that_leaves_before_its_turn_is_known_leaves_it_to_the_next(redis, prefix):
    async with limited(prefix, 2) as (policy,):
        await send(policy, **within(5))
        leaving = asyncio.create_task(policy.handle_async_request(request(**within(5))))
        while not policy._reserving:
            await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.wait([policy._reserving])
        assert len(policy._unused) == 1


@pytest.mark.parametrize("kept", [b"99999999999999999", b"text"])
async def test_a_clock_that_was_set_back_and_a_key_of_others_stop_nobody(redis, prefix, kept):
    redis.set(f"{prefix}:upstreams:rate_limit:quotes", kept)
    async with limited(prefix, 10) as (policy,):
        (found,) = await send(policy, **within(5))
    assert found.status_code == 200


async def test_the_key_does_not_outlive_what_it_says(redis, prefix):
    async with limited(prefix, 10) as (policy,):
        await send(policy, 2, **within(5))
        assert 0 < redis.pttl(f"{prefix}:upstreams:rate_limit:quotes") <= 300
