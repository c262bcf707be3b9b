"""The thread that runs the thread-sensitive code of one request after another.

idle ──taken by a request──▶ current ──submit()──▶ used
 ▲                             │                     │ release() at the end of the request
 │◀─────── never used ─────────┘                     ▼
 │◀── last work item done, connections closed ── returning
 └──▶ end(): the pool has enough idle ones, or closes
"""

import itertools
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any

from asgiref.sync import AsyncToSync
from django.db import close_old_connections, reset_queries
from django.db import connections as databases

from upstreams.core import thread_use

logger = logging.getLogger(__name__)

_numbers = itertools.count()
HIDDEN = (
    "django.dispatch.dispatcher.Signal.",
    "upstreams.fastpath.iterate_in_thread.",
    "upstreams.fastpath.run_in_thread.",
)
"""The handler names what they stand for."""
current_executor: ContextVar["RequestExecutor | None"] = ContextVar("current_executor", default=None)
"""The executor of the current request; None if its thread-sensitive code runs elsewhere."""


class RequestExecutor(ThreadPoolExecutor):
    """One thread, which starts when it is first used.

    Attributes:
        used: whether the current request has submitted work.
        ended: done when the thread has closed its database connections for good.
    """

    def __init__(self) -> None:
        super().__init__(1, f"request-{next(_numbers)}")
        self.ended: Future[None] = Future()
        self._thread = 0
        self._reset()

    def _reset(self) -> None:
        self.used = False
        # Work items of the current request.
        self._submitted = self._started = 0
        self._last: Future[Any] | None = None
        self._is_closed = False  # whether the first of them has closed its connections

    @property
    def is_idle(self) -> bool:
        """Whether all work of the current request is done."""
        # If the last work item was cancelled while it waited, the one before it may still run.
        return self._last is None or (self._last.done() and not self._last.cancelled())

    def submit[T](self, work: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        self.used = True
        thread_use.note(work, HIDDEN, self)
        self._submitted += 1
        future = self._last = super().submit(self._run, work, *args, **kwargs)
        return future

    def _run[T](self, work: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        self._started += 1
        if self._started == 1:
            self._thread = threading.get_ident()
            _close_connections()
        return work(*args, **kwargs)

    def close_connections(self) -> None:
        """Close the request's database connections at the end of its first work item, inside the thread.

        After that, nothing is left to do in the thread when the request ends. Do nothing in later work items: they
        may be part of something larger, such as the transaction of a middleware.
        """
        if threading.get_ident() != self._thread or self._started > 1:
            return
        try:
            close_old_connections()
        except Exception:
            # Raised here, it would replace the view's response.
            logger.exception("a database connection cannot be closed")
        else:
            self._is_closed = True

    def release(self, callback: Callable[[], None]) -> None:
        """Call a function when the request's last work item is done and its connections are closed."""
        if self._is_closed and self._submitted == 1:
            self._reset()
            callback()
            return
        # Queued behind all other work: the view of a cancelled request may still run, and asgiref refuses
        # thread-sensitive work that is submitted after its request.
        super().submit(self._end_request).add_done_callback(lambda _: callback())

    def _end_request(self) -> None:
        try:
            _close_connections()
        finally:
            self._reset()

    def end(self) -> None:
        """Close the thread's database connections, and end it."""
        try:
            closing = super().submit(databases.close_all) if self._thread else None
        except RuntimeError:  # the interpreter is shutting down and takes no more work
            closing = None
        if closing is not None:
            closing.add_done_callback(lambda _: self.ended.set_result(None))
        else:
            self.ended.set_result(None)
        self.shutdown(wait=False)


def clear_caller_executor() -> None:
    """Let thread-sensitive code of this request run in its thread after a view was cancelled in `async_to_sync`.

    asgiref leaves the executor of that call in the request's context, where it no longer works.
    """
    if current_executor.get() is not None:
        # Undocumented: AsyncToSync.executors (asgiref 3.13), set as AsyncToSync.__call__ does at its end.
        # tests/package/fastpath/test_endings.py cancels such views.
        AsyncToSync.executors.current = None


def _close_connections() -> None:
    # What Django does when a request starts and ends. Persistent connections stay open.
    reset_queries()
    close_old_connections()
