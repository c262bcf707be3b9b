"""Names what takes the thread of a request where Django's own handler serves."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from asgiref.sync import SyncToAsync, ThreadSensitiveContext

from upstreams.core import thread_use
from upstreams.core.asgi_types import App, Receive, Scope, Send

HIDDEN = (
    *(
        f"django.{name}."
        for name in ("contrib", "core.handlers", "dispatch", "http", "middleware", "template")
    ),
    "upstreams.fastpath.iterate_in_thread.",
    "upstreams.fastpath.run_in_thread.",
)
"""Django's handler gives these to the thread of every request; the line names the handler instead."""


class StockThreads:
    """Gives each request its thread as `ASGIHandler` does, from an executor that names the work.

    Args:
        app: the handler.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with ThreadSensitiveContext() as context:
            if (
                context.token is not None
            ):  # else a test's transaction or an outer application has a thread already
                # Private: SyncToAsync.context_to_thread_executor (asgiref 3.13), where asgiref puts such an executor
                # when it is first used, and from which it shuts it down. tests/package/asgi/test_stock_threads.py
                # fails when it is not used.
                SyncToAsync.context_to_thread_executor[context] = _NamingExecutor(1, "request")
            thread_use.note(self._app)
            await self._app(scope, receive, send)


class _NamingExecutor(ThreadPoolExecutor):
    def submit[T](self, work: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        thread_use.note(work, HIDDEN, self)
        return super().submit(work, *args, **kwargs)
