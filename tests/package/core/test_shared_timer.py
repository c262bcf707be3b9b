"""One timer cancels scopes at their times, not before, and none that has ended."""

import asyncio
from time import monotonic

import pytest
from upstreams.core import debugger
from upstreams.core.cancel_scope import CancelScope
from upstreams.core.shared_timer import SharedTimer

SOON, LATER, NEVER = 0.02, 0.06, 60


@pytest.fixture
async def timer():
    timer = SharedTimer()
    yield timer
    timer.close()


@pytest.fixture
async def set_timers(monkeypatch):
    """The delays for which the loop was asked."""
    loop, delays = asyncio.get_running_loop(), []
    call_later = loop.call_later

    def noted(delay, *more, **context):
        delays.append(delay)
        return call_later(delay, *more, **context)

    monkeypatch.setattr(loop, "call_later", noted, raising=False)
    return delays


async def hang(timer, seconds):
    """Return for how long a scope was open that its timer has to end."""
    began = monotonic()
    with CancelScope() as scope:
        timer.start(scope, began + seconds)
        await asyncio.Event().wait()
    timer.stop(scope)
    assert scope.cancel_called
    return monotonic() - began


@pytest.mark.parametrize("order", [(SOON, LATER), (LATER, SOON), (SOON, SOON)])
async def test_each_scope_has_its_time(timer, order):
    took = await asyncio.gather(*(hang(timer, seconds) for seconds in order))
    assert [seconds <= spent < NEVER for seconds, spent in zip(order, took, strict=True)] == [True, True]


async def test_a_scope_may_follow_one_that_was_cancelled(timer):
    assert await hang(timer, SOON) >= SOON
    assert await hang(timer, SOON) >= SOON


async def test_a_time_that_is_over_cancels_at_the_next_chance(timer):
    assert await hang(timer, -1) < NEVER


async def test_scopes_that_end_in_time_share_one_timer(timer, set_timers):
    for _ in range(100):
        with CancelScope() as scope:
            timer.start(scope, monotonic() + NEVER)
        timer.stop(scope)
    assert len(set_timers) == 1


async def test_the_timer_of_one_that_has_ended_cancels_no_other(timer):
    first = CancelScope()
    with first:
        timer.start(first, monotonic() + SOON)
    timer.stop(first)
    with CancelScope() as scope:
        timer.start(scope, monotonic() + NEVER)
        await asyncio.sleep(LATER)
    assert not scope.cancel_called
    assert not first.cancel_called


async def test_nothing_is_cancelled_while_people_look_at_a_debugger(timer, monkeypatch):
    monkeypatch.setattr(debugger, "in_use", True)
    with CancelScope() as scope:
        timer.start(scope, monotonic() + SOON)
        await asyncio.sleep(LATER)
    assert not scope.cancel_called


async def test_nothing_is_cancelled_after_the_end(timer):
    with CancelScope() as scope:
        timer.start(scope, monotonic() + SOON)
        timer.close()
        await asyncio.sleep(LATER)
    assert not scope.cancel_called
