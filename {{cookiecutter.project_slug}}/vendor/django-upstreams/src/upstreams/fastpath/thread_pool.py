"""Gives each request a thread that has served others, instead of starting two threads for each."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asgiref.sync import AsyncToSync, SyncToAsync

from upstreams.core.asgi_types import App, Receive, Scope, Send
from upstreams.fastpath.request_executor import RequestExecutor, clear_caller_executor, current_executor
from upstreams.fastpath.thread_context import ThreadSensitiveScope

logger = logging.getLogger(__name__)

CLOSE_TIMEOUT = 1.0
"""Seconds that threads have to close their database connections when the service ends."""


class ThreadPool:
    """Assigns executors to requests. There are as many threads as requests that use one at the same time.

    Args:
        app: the ASGI application that handles the requests.
        max_idle: executors that are kept for later requests while a lifespan is open, which will end them.
    """

    def __init__(self, app: App, max_idle: int) -> None:
        self._app = app
        self._max_idle = max_idle
        self._idle: list[RequestExecutor] = []
        self._returning: set[RequestExecutor] = set()
        self._lifespans = 0
        self._lock = threading.Lock()
        # Undocumented: AsyncToSync.executors (asgiref 3.13). Requests inherit its attribute from the context that
        # starts the server; while it is missing, each look for it raises and catches an AttributeError. A sync
        # caller's executor stays. tests/package/fastpath/test_thread_pool.py watches both.
        if getattr(AsyncToSync.executors, "current", None) is None:
            AsyncToSync.executors.current = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Private: SyncToAsync.thread_sensitive_context (asgiref 3.13). Only read: if it is set, a test's transaction
        # or an outer application has a thread already. tests/package/fastpath/test_thread_pool.py has both.
        in_context = SyncToAsync.thread_sensitive_context.get(None) is not None
        if in_context or getattr(AsyncToSync.executors, "current", None) is not None:
            await self._app(scope, receive, send)
            return
        with self._lock:
            executor = self._idle.pop() if self._idle else RequestExecutor()
        token = current_executor.set(executor)
        try:
            with ThreadSensitiveScope(executor):
                await self._app(scope, receive, send)
        finally:
            if executor.used:
                clear_caller_executor()
                with self._lock:
                    self._returning.add(executor)
                executor.release(lambda: self._take_back(executor))
            else:
                self._take_back(executor)
            current_executor.reset(token)

    @asynccontextmanager
    async def keep_threads(self) -> AsyncIterator[None]:
        """Keep idle executors inside the block; at its end, they close their connections and end."""
        self._lifespans += 1
        try:
            yield
        finally:
            await self._end()

    async def _end(self) -> None:
        with self._lock:
            self._lifespans -= 1
            if self._lifespans:
                return
            idle, self._idle = self._idle, []
            ending = [*idle, *self._returning]
        for executor in idle:
            executor.end()
        if ending:
            ended = (asyncio.wrap_future(executor.ended) for executor in ending)
            _, late = await asyncio.wait(ended, timeout=CLOSE_TIMEOUT)
            if late:
                logger.warning("shutdown: %d threads still in use after %.3g s", len(late), CLOSE_TIMEOUT)

    def _take_back(self, executor: RequestExecutor) -> None:
        with self._lock:
            self._returning.discard(executor)
            kept = self._lifespans > 0 and len(self._idle) < self._max_idle
            if kept:
                self._idle.append(executor)
        if not kept:
            executor.end()
