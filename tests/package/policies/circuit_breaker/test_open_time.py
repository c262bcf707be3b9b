"""How long the circuit breaker stays open."""

import pytest

from policies.circuit_breaker.breakers import open_times, opened
from policies.doubles import lost, send


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
