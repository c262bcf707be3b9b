"""The spawned work of one event loop: what runs, how much of it, and how it ends."""

import asyncio
import contextvars
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import Executor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from asgiref.sync import ThreadSensitiveContext
from django.conf import settings

from services.core import traces
from services.core.errors import BackgroundFull, UpstreamClosing, is_cancelled
from services.core.thread import OwnThread

logger = logging.getLogger(__name__)

Work = Coroutine[Any, Any, object]

CARRIED = ("request_id", "current_context")
"""Context variables that work takes along from where it was spawned; OpenTelemetry calls its own `current_context`."""
REST = 0.5
"""Seconds in which work that was cancelled has to end."""


@asynccontextmanager
async def own_thread(name: str) -> AsyncIterator[Executor]:
    """A thread, for the block; its database connections are closed with it."""
    thread = OwnThread(f"spawned {name}")
    try:
        yield thread
    finally:
        thread.shutdown(wait=False)
        await asyncio.shield(asyncio.wrap_future(thread.ended))


make_thread: Callable[[str], AbstractAsyncContextManager[Executor]] = own_thread
"""Tests put that of their transaction here."""


class Spawned:
    """Takes work from any thread, until it is drained."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._closing = False
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, coroutine: Work, name: str, loop: asyncio.AbstractEventLoop) -> None:
        """Run a coroutine in the loop that all of this work runs in. If it is not taken, it is closed.

        Raises:
            BackgroundFull: `LIMITS["SPAWNED"]` pieces of work are running.
            UpstreamClosing: this process is closing.
        """
        limit = settings.LIMITS["SPAWNED"]
        context = _carried()
        try:
            with self._lock:
                if self._closing:
                    raise UpstreamClosing("this process is shutting down and starts no background work")
                if self._count >= limit:
                    what = f'{limit} pieces of work run in the background, as many as LIMITS["SPAWNED"]'
                    raise BackgroundFull(f"{what}: start fewer, or raise it")
                self._count += 1
                if asyncio._get_running_loop() is not loop:
                    # Under the lock: what is taken is in the loop's hands before that loop drains.
                    loop.call_soon_threadsafe(self._start, coroutine, name, context)
                    return
        except BaseException:
            coroutine.close()
            raise
        self._start(coroutine, name, context)

    async def drain(self, seconds: float) -> float:
        """Take nothing more, give what runs some seconds, cancel the rest; returns the seconds that are left."""
        ends = time.monotonic() + seconds
        with self._lock:
            self._closing = True
        await asyncio.sleep(0)  # what other threads handed over begins
        for task in await self._left(seconds):
            logger.warning("spawned %s: cancelled, after DRAIN", task.get_name())
            task.cancel()
        for task in await self._left(REST):
            logger.error("spawned %s: does not end, though it was cancelled", task.get_name())
        return max(0.0, ends - time.monotonic())

    async def idle(self) -> None:
        """Wait until nothing runs."""
        while self._count:
            await asyncio.sleep(0)
            await self._left(None)

    async def _left(self, seconds: float | None) -> set[asyncio.Task[None]]:
        if not self._tasks:
            return set()
        return (await asyncio.wait(self._tasks, timeout=seconds))[1]

    def _start(self, coroutine: Work, name: str, context: contextvars.Context) -> None:
        task = asyncio.create_task(_run(coroutine, name), name=name, context=context)
        self._tasks.add(task)
        task.add_done_callback(lambda _: self._end(task, coroutine))

    def _end(self, task: asyncio.Task[None], coroutine: Work) -> None:
        coroutine.close()  # of a task that was cancelled before its first step
        self._tasks.discard(task)
        with self._lock:
            self._count -= 1


async def _run(coroutine: Work, name: str) -> None:
    try:
        async with make_thread(name) as thread, ThreadSensitiveContext(executor=thread):
            with traces.work(f"spawned {name}"):
                await coroutine
    except BaseException as error:  # sys.exit, too: it would end the loop, and with it everything else
        if is_cancelled(error):
            raise
        logger.exception("spawned %s failed", name)


def _carried() -> contextvars.Context:
    context = contextvars.Context()
    for variable, value in contextvars.copy_context().items():
        if variable.name in CARRIED:
            context.run(variable.set, value)
    return context
