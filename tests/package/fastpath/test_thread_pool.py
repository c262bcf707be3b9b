"""Lent threads: reused, bounded when idle, and never passed on while a request still uses them."""

import asyncio
import contextvars
import hashlib
import inspect
import threading
from contextlib import suppress

import pytest
from asgiref.sync import (
    AsyncToSync,
    SyncToAsync,
    ThreadSensitiveContext,
    async_to_sync,
    sync_to_async,
)
from upstreams.fastpath.thread_pool import ThreadPool

from fastpath.threads import ask


@pytest.fixture(autouse=True)
def urls(settings):
    settings.ROOT_URLCONF = "fastpath.threads"


async def test_a_thread_serves_one_request_after_another(executors):
    name = await ask(executors, "/thread")
    assert (await executors.back.get()).used is False
    assert await ask(executors, "/thread") == name


async def test_what_a_request_activates_is_unknown_to_the_next_one_in_its_thread(executors):
    # Each in a task, and so in a context, of its own, as servers do it.
    german = await asyncio.create_task(ask(executors, "/german"))
    await executors.back.get()
    name, language = (await asyncio.create_task(ask(executors, "/language"))).split()
    assert german.split() == [name, "de"]
    assert language == "en-us"


async def test_a_thread_is_tidied_before_a_request_and_after_it(executors, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "upstreams.fastpath.request_executor.close_old_connections",
        lambda: seen.append(threading.current_thread().name),
    )
    name = await ask(executors, "/thread")
    await executors.back.get()
    assert seen == [name, name]


async def test_there_are_as_many_as_requests_that_use_one(executors, gate):
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(ask(executors, "/held", gate=gate))
        used = {await gate.entered.get(), await gate.entered.get(), await gate.entered.get()}
        gate.open.set()
    assert len(used) == 3


async def test_no_more_are_kept_than_asked_for(executors, gate):
    async with asyncio.TaskGroup() as group:
        group.create_task(ask(executors, "/held", gate=gate))
        group.create_task(ask(executors, "/held", gate=gate))
        used = [await gate.entered.get(), await gate.entered.get()]
        gate.open.set()
    await executors.back.get()
    await executors.back.get()
    assert sorted([await is_over(thread) for thread in used]) == [False, True]


async def is_over(thread):
    await asyncio.to_thread(thread.join, 0.5)
    return not thread.is_alive()


async def test_without_a_lifespan_none_is_kept(handler, gate):
    executors = ThreadPool(handler(), 1)
    gate.open.set()
    await ask(executors, "/held", gate=gate)
    assert await is_over(await gate.entered.get())


async def test_the_thread_of_an_outer_context_is_used(executors):
    async with ThreadSensitiveContext():
        outer = await sync_to_async(lambda: threading.current_thread().name)()
        assert await ask(executors, "/thread") == outer


def test_the_thread_of_an_outer_sync_caller_is_used():
    used = []

    async def app(scope, receive, send):
        used.append(await sync_to_async(threading.current_thread)())

    async_to_sync(ThreadPool(app, 1))({}, None, None)
    assert used == [threading.current_thread()]


async def test_a_thread_in_which_a_cancelled_view_still_runs_is_not_lent(executors, gate):
    cancelled = asyncio.create_task(ask(executors, "/held", gate=gate))
    busy = await gate.entered.get()
    cancelled.cancel()
    await asyncio.wait([cancelled], timeout=0.05)
    assert await ask(executors, "/thread") != busy.name
    gate.open.set()
    with suppress(asyncio.CancelledError):
        await cancelled


async def test_thread_sensitive_work_of_a_task_that_outlives_its_request_is_refused():
    late = []

    async def app(scope, receive, send):
        await sync_to_async(threading.current_thread)()
        late.append(asyncio.create_task(work()))

    async def work():
        await ended.wait()
        await sync_to_async(threading.current_thread)()

    ended = asyncio.Event()
    await ThreadPool(app, 1)({}, None, None)
    ended.set()
    with pytest.raises(RuntimeError, match="has exited"):
        await late[0]


async def test_the_executor_that_a_cancelled_view_leaves_behind_is_not_the_next_ones():
    async def app(scope, receive, send):
        await sync_to_async(threading.current_thread)()
        AsyncToSync.executors.current = "of a view"

    await ThreadPool(app, 1)({}, None, None)
    assert AsyncToSync.executors.current is None


def test_what_a_scope_leans_on_is_what_it_was():
    source = inspect.getsource(ThreadSensitiveContext) + inspect.getsource(SyncToAsync.__call__)
    assert hashlib.sha256(source.encode()).hexdigest()[:16] == "50e2133a0467466d", (
        "compare asgiref's changes with upstreams/fastpath/thread_context.py, then record the new digest"
    )


def test_a_pool_made_without_a_sync_caller_sets_the_attribute_that_asgiref_looks_for():
    def make():
        ThreadPool(None, 1)
        return AsyncToSync.executors.current

    assert contextvars.Context().run(make) is None


async def test_a_pool_made_within_a_sync_caller_leaves_its_executor():
    async def make():
        before = AsyncToSync.executors.current
        ThreadPool(None, 1)
        return AsyncToSync.executors.current is before is not None

    assert await asyncio.to_thread(async_to_sync(make))
