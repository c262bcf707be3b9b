"""When garbage is collected: by the memory that it takes, and when nobody waits."""

import asyncio
import gc
import itertools
import weakref
from contextlib import contextmanager

import pytest
from django.http import JsonResponse
from django.urls import path
from upstreams.asgi import garbage_watch
from upstreams.asgi.garbage_watch import MAX_GROWTH, GarbageWatch
from upstreams.asgi.process_memory import ProcessMemory

MIB = 2**20
SIZE = 5_000_000
made = []


class Block(list):
    """A list that has weak references."""


def leaves_a_cycle(request):
    block = Block([b"x" * SIZE])
    block.append(block)
    made.append(weakref.ref(block))
    return JsonResponse({})


async def leaves_it_async(request):
    return leaves_a_cycle(request)


async def keeps_its_exception(request):
    block = Block([b"x" * SIZE])
    made.append(weakref.ref(block))
    try:
        raise LookupError
    except LookupError as error:
        kept = error  # whose traceback refers to this frame
    return JsonResponse({"kept": str(kept)})


urlpatterns = [path(view.__name__, view) for view in (leaves_a_cycle, leaves_it_async, keeps_its_exception)]


@pytest.fixture(autouse=True)
def own_urls(settings):
    settings.ROOT_URLCONF = __name__
    made.clear()


@pytest.mark.parametrize("view", [leaves_a_cycle, leaves_it_async, keeps_its_exception])
async def test_cycles_of_large_objects_are_collected_while_requests_run(serve, view):
    async with serve() as client:
        with ProcessMemory() as memory:
            before = memory.size()
            requests = max(60, 6 * max(MAX_GROWTH, before // 4) // SIZE)
            sizes, alive = [], []
            for _ in range(requests):
                await client.get(f"/{view.__name__}")
                sizes.append(memory.size() - before)
                alive.append(sum(one() is not None for one in made))
    assert len(made) == requests
    assert max(alive) < requests / 3
    assert max(sizes) < requests * SIZE / 2


async def test_cycles_are_collected_when_no_request_runs(serve):
    async with serve() as client:
        await client.get("/leaves_it_async")
        collected, loop = asyncio.Event(), asyncio.get_running_loop()
        weakref.finalize(made[0](), lambda: loop.call_soon_threadsafe(collected.set))
        await asyncio.wait_for(collected.wait(), 30)


clock = itertools.count()


def grow(watch, memory, by, steps):
    """Let the process grow, and a request arrive after each step."""
    for _ in range(steps):
        memory.now += by
        watch.check(next(clock) / 1000)


async def test_garbage_of_young_objects_takes_no_full_collection(watch, memory, collections):
    memory.after = {1: memory.now}
    grow(watch, memory, MAX_GROWTH // 4, steps=16)
    assert collections == [1] * 4
    assert memory.trims == 0


async def test_garbage_that_has_lived_long_is_found_by_a_full_collection(watch, memory, collections):
    memory.after = {2: memory.now}
    grow(watch, memory, MAX_GROWTH, steps=1)
    assert collections == [1, 2]


async def test_memory_that_the_allocator_keeps_is_returned(watch, memory, collections):
    memory.after = {"trim": memory.now}
    grow(watch, memory, MAX_GROWTH // 4, steps=16)
    assert (collections, memory.trims) == ([1] * 4, 4)


async def test_a_cache_that_fills_does_not_collect_again_and_again(watch, memory, collections, no_pause):
    grow(watch, memory, MIB, steps=500)
    assert collections == [1, 2] * 3  # after 32, 66 and 198 MiB more


async def test_a_large_process_may_grow_by_a_quarter(memory, slots, collections):
    memory.now = 400 * MIB
    watch = GarbageWatch(slots)
    with watch.run(memory, gc.isenabled):
        grow(watch, memory, MIB, steps=99)
        assert collections == []
        grow(watch, memory, MIB, steps=2)
        assert collections == [1, 2]


async def test_requests_that_hold_much_at_once_are_not_taken_for_garbage(
    watch, memory, collections, no_pause
):
    rest = memory.now
    for _ in range(100):
        memory.now = rest
        grow(watch, memory, 20 * MIB, steps=10)
    assert len(collections) <= 8


async def test_after_a_while_it_may_grow_no_further_than_at_first(watch, memory, collections, no_pause):
    grow(watch, memory, MAX_GROWTH, steps=1)
    assert collections == [1, 2]
    grow(watch, memory, MAX_GROWTH * 3 // 2, steps=1)
    assert collections == [1, 2]
    watch.check(1000.0)
    assert collections == [1, 2, 1, 2]


async def test_full_collections_leave_time_for_requests(watch, memory, collections, monkeypatch):
    monkeypatch.setattr(garbage_watch, "MIN_PAUSE", 1_000_000_000)
    grow(watch, memory, MAX_GROWTH, steps=20)
    assert collections.count(2) == 1


@contextmanager
def disabled():
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def test_a_disabled_collector_stays_so(watch, memory, collections):
    with disabled():
        grow(watch, memory, MAX_GROWTH, steps=10)
    assert collections == []
