"""An event loop in a thread, for processes that have no loop of their own: commands, task workers, WSGI, the shell.

It is like anyio's `BlockingPortal`, but there is one for the process: the first call starts it and it closes at exit.
A forked child starts its own.
"""

import asyncio
import atexit
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager
from functools import cache
from typing import Any

_lock = threading.Lock()
_portal: "Portal | None" = None


class Portal:
    """Holds an async context manager open in the event loop of a new thread.

    Args:
        context: returns the context manager.

    Attributes:
        opened: done when the context manager is open, or has failed to open.
    """

    def __init__(self, context: Callable[[], AbstractAsyncContextManager[object]]) -> None:
        self.opened: Future[None] = Future()
        self.opened.set_running_or_notify_cancel()  # so that a caller that gives up cannot cancel it for the others
        self._context = context
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._main()), name="upstreams portal", daemon=True
        )
        self._thread.start()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        try:
            async with self._context():
                self.opened.set_result(None)
                await self._stop.wait()
        except BaseException as error:  # also SystemExit, and the CancelledError of another task
            if self.opened.done():
                raise
            failed = (
                error
                if isinstance(error, Exception)
                else RuntimeError(f"the upstreams did not open: {error!r}")
            )
            self.opened.set_exception(failed)

    def close(self) -> None:
        """Close the context manager and wait for the thread to end."""
        if self.opened.exception() is None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()


async def opened(context: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
    """Wait until the portal of this process is open."""
    await asyncio.wrap_future(started(context))


def started(context: Callable[[], AbstractAsyncContextManager[Any]]) -> "Future[None]":
    """Start the portal of this process, again after a failure; the future is done when the portal is open."""
    global _portal
    _register_hooks()
    with _lock:
        if _portal is None or (_portal.opened.done() and _portal.opened.exception()):
            _portal = Portal(context)
        return _portal.opened


def close() -> None:
    """Close the portal, if there is one."""
    global _portal
    with _lock:
        portal, _portal = _portal, None
    if portal is not None:
        portal.close()


@cache
def _register_hooks() -> None:
    # Not at import: these hooks cannot be removed.
    atexit.register(close)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_forget_portal)


def _forget_portal() -> None:
    # A forked child does not have the thread of its parent.
    global _lock, _portal
    _lock, _portal = threading.Lock(), None
