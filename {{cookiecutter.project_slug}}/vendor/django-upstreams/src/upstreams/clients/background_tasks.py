"""The background tasks of one event loop: runs them, limits their number and ends them."""

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

from upstreams import conf
from upstreams.clients import misplaced
from upstreams.core import tracing
from upstreams.core.errors import (
    BackgroundLimitExceeded,
    Limit,
    UpstreamClosed,
    UpstreamError,
)
from upstreams.core.event_loop import is_cancelled, running_loop
from upstreams.core.executor import DaemonThreadExecutor

logger = logging.getLogger(__name__)

Work = Coroutine[Any, Any, object]

INHERITED_VARIABLES = ("request_id", "request_trace", "current_context")
"""Context variables that a task inherits from its caller; `current_context` is OpenTelemetry's."""
BOUND_BY_STRUCTLOG = "structlog_"
"""The beginning of the names of those that `structlog.contextvars` binds, which a task inherits, too."""
MAX_TASKS = 'UPSTREAMS_LIMITS["MAX_BACKGROUND_TASKS"]'
CANCEL_TIMEOUT = 0.5
"""Seconds that a cancelled task has to end."""


@asynccontextmanager
async def dedicated_thread(name: str) -> AsyncIterator[Executor]:
    """Provide a thread for the block, and close its database connections at the end."""
    thread = DaemonThreadExecutor(f"spawned {name}")
    try:
        yield thread
    finally:
        thread.shutdown(wait=False)
        await asyncio.shield(asyncio.wrap_future(thread.ended))


make_thread: Callable[[str], AbstractAsyncContextManager[Executor]] = dedicated_thread
"""Makes the thread of a task; tests replace it by the thread of their transaction."""


class BackgroundTasks:
    """Accepts coroutines from any thread, until it is drained."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._closing = False
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, coroutine: Work, name: str, loop: asyncio.AbstractEventLoop) -> None:
        """Run a coroutine in the loop of these tasks, or close it and raise.

        Args:
            coroutine: the work.
            name: used in logs and traces.
            loop: the same one at every call.

        Raises:
            BackgroundLimitExceeded: `UPSTREAMS_LIMITS["MAX_BACKGROUND_TASKS"]` tasks are running.
            UpstreamClosed: this process is shutting down.
        """
        maximum = conf.current().limits.max_background_tasks
        context = _inherited_context()
        try:
            with self._lock:
                if self._closing:
                    raise UpstreamClosed("this process is shutting down and starts no background tasks")
                if self._count >= maximum:
                    what = f"{maximum} background tasks are running: start fewer, or raise {MAX_TASKS}"
                    raise BackgroundLimitExceeded(what, limit=Limit(MAX_TASKS, maximum, "tasks"))
                self._count += 1
                if running_loop() is not loop:
                    # Under the lock, so that the loop has every accepted coroutine before it drains.
                    loop.call_soon_threadsafe(self._start, coroutine, name, context)
                    return
        except BaseException:
            coroutine.close()
            raise
        self._start(coroutine, name, context)

    async def drain(self, seconds: float) -> float:
        """Accept no more tasks, wait some seconds for those that run, cancel the rest; return the seconds left."""
        deadline = time.monotonic() + seconds
        with self._lock:
            self._closing = True
        await asyncio.sleep(0)  # starts what other threads have handed over
        for task in await self._wait(seconds):
            logger.warning("background task %s: cancelled after CLIENT_DRAIN", task.get_name())
            task.cancel()
        for task in await self._wait(CANCEL_TIMEOUT):
            what = "background task %s: still running %.3g s after it was cancelled"
            logger.error(what, task.get_name(), CANCEL_TIMEOUT)
        return max(0.0, deadline - time.monotonic())

    async def wait_until_idle(self) -> None:
        """Wait until no task is running."""
        while self._count:
            await asyncio.sleep(0)
            await self._wait(None)

    async def _wait(self, seconds: float | None) -> set[asyncio.Task[None]]:
        if not self._tasks:
            return set()
        return (await asyncio.wait(self._tasks, timeout=seconds))[1]

    def _start(self, coroutine: Work, name: str, context: contextvars.Context) -> None:
        task = asyncio.create_task(_run(coroutine, name), name=name, context=context)
        self._tasks.add(task)
        task.add_done_callback(lambda _: self._end(task, coroutine))

    def _end(self, task: asyncio.Task[None], coroutine: Work) -> None:
        coroutine.close()  # a task that was cancelled before its first step has not awaited it
        self._tasks.discard(task)
        with self._lock:
            self._count -= 1


async def _run(coroutine: Work, name: str) -> None:
    try:
        async with make_thread(name) as thread, ThreadSensitiveContext(executor=thread):
            with tracing.work(f"spawned {name}"):
                await coroutine
    except BaseException as error:  # also SystemExit, which would end the loop
        if is_cancelled(error):
            raise
        misplaced.explain_sync_call(error)
        fields = error.log_fields if isinstance(error, UpstreamError) else None
        logger.exception("background task %s failed", name, extra=fields)


def _inherited_context() -> contextvars.Context:
    context = contextvars.Context()
    for variable, value in contextvars.copy_context().items():
        if variable.name in INHERITED_VARIABLES or variable.name.startswith(BOUND_BY_STRUCTLOG):
            context.run(variable.set, value)
    return context
