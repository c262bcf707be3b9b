"""Lends each request a thread that served others before it, instead of starting two of its own."""

import asyncio
import itertools
import logging
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

from asgiref.sync import AsyncToSync, SyncToAsync
from django.db import close_old_connections, reset_queries
from django.db import connections as databases

from server.lease import Lease
from server.types import App, Receive, Scope, Send

logger = logging.getLogger(__name__)

_numbers = itertools.count()
lent: ContextVar["Executor | None"] = ContextVar("lent", default=None)
"""What the current request has been lent; None if its thread-sensitive code runs elsewhere."""

CLOSE = 1.0
"""Seconds that threads may take to close their database connections when the service ends."""

# Requests inherit it from where the server starts. If nothing is there, each look for it raises.
AsyncToSync.executors.current = None


class Executor(ThreadPoolExecutor):
    """One thread, which starts when it is first used.

    Attributes:
        used: whether the request that has it now has given it work.
        ended: done when its thread has closed its database connections for good.
    """

    def __init__(self) -> None:
        super().__init__(1, f"request-{next(_numbers)}")
        self.ended: Future[None] = Future()
        self._thread = 0
        self._reset()

    def _reset(self) -> None:
        self.used = False
        # Pieces of work that the current request has given it, and how many of them have begun.
        self._given = self._begun = 0
        self._is_tidy = False  # nothing is left in the thread of the first of them
        self._last: Future[Any] | None = None

    @property
    def rests(self) -> bool:
        """Whether all of that work is done."""
        # One that was cancelled was waiting for another one.
        return self._last is None or (self._last.done() and not self._last.cancelled())

    def submit[T](self, work: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        self.used = True
        self._given += 1
        given = self._last = super().submit(self._begin, work, *args, **kwargs)
        return given

    def _begin[T](self, work: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        self._begun += 1
        if self._begun == 1:
            self._thread = threading.get_ident()
            _tidy()
        return work(*args, **kwargs)

    def tidy(self) -> None:
        """Called by a request's first work when it ends: leave none of its connections in the thread.

        What comes later may belong to something around it, such as the transaction of a middleware.
        """
        if threading.get_ident() != self._thread or self._begun > 1:
            return
        try:
            close_old_connections()
        except Exception:
            logger.exception("a database connection cannot be closed")  # nor would its answer be sent
        else:
            self._is_tidy = True

    def clear(self, then: Callable[[], None]) -> None:
        """Call a function when the request's last work is done, and nothing of it is left in the thread."""
        if self._is_tidy and self._given == 1:
            self._reset()
            then()
            return
        # The last of all: after its request, asgiref refuses work. A cancelled request's view may still run.
        super().submit(self._end_request).add_done_callback(lambda _: then())

    def _end_request(self) -> None:
        try:
            _tidy()
        finally:
            self._reset()

    def end(self) -> None:
        """Close the thread's database connections and end it."""
        try:
            closing = super().submit(databases.close_all) if self._thread else None
        except RuntimeError:  # the interpreter ends, and takes no more work
            closing = None
        if closing is not None:
            closing.add_done_callback(lambda _: self.ended.set_result(None))
        else:
            self.ended.set_result(None)
        self.shutdown(wait=False)


class Executors:
    """Lends executors to requests; there are as many as requests that use one at the same time.

    Args:
        app: what answers the requests.
        idle: executors that are kept for later requests, if a lifespan will end them.
    """

    def __init__(self, app: App, idle: int) -> None:
        self._app = app
        self._idle = idle
        self._free: list[Executor] = []
        self._given_back: set[Executor] = set()
        self._lifespans = 0
        self._lock = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # A test's transaction, or an outer application, has a thread already.
        in_context = SyncToAsync.thread_sensitive_context.get(None) is not None
        if in_context or getattr(AsyncToSync.executors, "current", None) is not None:
            await self._app(scope, receive, send)
            return
        with self._lock:
            executor = self._free.pop() if self._free else Executor()
        token = lent.set(executor)
        try:
            with Lease(executor):
                await self._app(scope, receive, send)
        finally:
            lent.reset(token)
            if executor.used:
                AsyncToSync.executors.current = None  # a view cancelled in `async_to_sync` leaves its own
                with self._lock:
                    self._given_back.add(executor)
                executor.clear(lambda: self._take_back(executor))
            else:
                self._take_back(executor)

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Executors are kept inside the block; at its end, they close their connections and end."""
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
            free, self._free = self._free, []
            ending = [*free, *self._given_back]
        for executor in free:
            executor.end()
        if ending:
            ended = (asyncio.wrap_future(executor.ended) for executor in ending)
            _, late = await asyncio.wait(ended, timeout=CLOSE)
            if late:
                logger.warning("closing: %d threads were still in use after %.3g s", len(late), CLOSE)

    def _take_back(self, executor: Executor) -> None:
        with self._lock:
            self._given_back.discard(executor)
            kept = self._lifespans > 0 and len(self._free) < self._idle
            if kept:
                self._free.append(executor)
        if not kept:
            executor.end()


def forget_callers() -> None:
    """Let thread-sensitive code run in the lent thread, after a view was cancelled inside `async_to_sync`.

    asgiref takes the caller's executor over into the request's context, where it does not work any more.
    """
    if lent.get() is not None:
        AsyncToSync.executors.current = None


def _tidy() -> None:
    # What Django does when a request starts and ends. Persistent connections stay.
    reset_queries()
    close_old_connections()
