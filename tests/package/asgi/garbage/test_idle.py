"""What is collected and returned when no request runs."""

import asyncio

import pytest
from upstreams.asgi import garbage_watch
from upstreams.asgi.garbage_watch import MAX_GROWTH

MIB = 2**20


@pytest.fixture
def asleep(watch):
    """Waits until the watch has done all it will do without a request."""

    async def asleep():
        async with asyncio.timeout(30):
            while watch.is_awake:
                await asyncio.sleep(0.01)

    return asleep


async def test_one_collection_follows_the_last_request_and_then_there_is_no_timer(watch, asleep, collections):
    watch.check(0.0)
    await asleep()
    assert collections == [2]


async def test_no_collection_where_it_would_take_long(watch, asleep, collections, monkeypatch):
    monkeypatch.setattr(garbage_watch, "IDLE_DURATION", 0)
    watch.check(0.0)
    await asleep()
    assert collections == [1]


@pytest.mark.parametrize(("grown", "trims"), [(9 * MIB, 1), (7 * MIB, 0)])
async def test_freed_memory_is_returned_when_no_request_runs(watch, memory, asleep, grown, trims):
    watch.check(0.0)
    memory.now += grown
    memory.after = {"trim": 100 * MIB}
    await asleep()
    watch.check(0.0)
    await asleep()
    assert memory.trims == trims


async def test_a_running_request_is_not_idle(watch, slots, asleep, collections):
    slots.requests.acquire()
    watch.check(0.0)
    await asyncio.sleep(garbage_watch.IDLE_DELAY * 1.5)
    assert (collections, watch.is_awake) == ([], True)
    slots.requests.release()
    await asleep()
    assert collections == [2]


async def test_an_open_stream_is_watched_and_the_process_idle(watch, memory, slots, asleep, collections):
    slots.streams.acquire()
    watch.check(0.0)
    async with asyncio.timeout(30):
        while not collections:
            await asyncio.sleep(0.01)
        memory.now += MAX_GROWTH
        while collections == [2]:
            await asyncio.sleep(0.01)
    assert collections[:2] == [2, 1]
    slots.streams.release()
    await asleep()


async def test_a_stream_that_waits_is_looked_at_less_often(watch, slots, collections, monkeypatch):
    monkeypatch.setattr(garbage_watch, "STREAM_CHECK_INTERVAL", 1000)
    slots.streams.acquire()
    watch.check(0.0)
    async with asyncio.timeout(30):
        while not collections:
            await asyncio.sleep(0.01)
    assert watch._timer.when() > asyncio.get_running_loop().time() + 100
