"""An owning loop for processes that have none: commands, task workers, WSGI, the shell.

One daemon thread, started by the first call and closed at exit. A forked child starts its own.
"""

import asyncio
import atexit
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager
from typing import Any

_lock = threading.Lock()
_portal: "Portal | None" = None


class Portal:
    """Holds an async context manager open in a thread of its own.

    Args:
        context: makes it.
    """

    def __init__(self, context: Callable[[], AbstractAsyncContextManager[object]]) -> None:
        self.opened: Future[None] = Future()
        self.opened.set_running_or_notify_cancel()  # a caller that gives up must not disturb the others
        self._context = context
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._main()), name="services portal", daemon=True
        )
        self._thread.start()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        try:
            async with self._context():
                self.opened.set_result(None)
                await self._stop.wait()
        except BaseException as error:  # also sys.exit, and a task of others that was cancelled
            if self.opened.done():
                raise
            failed = (
                error
                if isinstance(error, Exception)
                else RuntimeError(f"the upstreams did not open: {error!r}")
            )
            self.opened.set_exception(failed)

    def close(self) -> None:
        """Leave the context, and wait until that is done."""
        if self.opened.exception() is None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()


async def opened(context: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
    """Wait until the portal of this process is open."""
    await asyncio.wrap_future(started(context))


def started(context: Callable[[], AbstractAsyncContextManager[Any]]) -> "Future[None]":
    """Start the portal of this process, anew after a failure; the future is done when it is open."""
    global _portal
    with _lock:
        if _portal is None or (_portal.opened.done() and _portal.opened.exception()):
            _portal = Portal(context)
        return _portal.opened


@atexit.register
def close() -> None:
    """Close the portal, if there is one."""
    global _portal
    with _lock:
        portal, _portal = _portal, None
    if portal is not None:
        portal.close()


def forget() -> None:
    """Called in a forked child, where the thread does not exist."""
    global _lock, _portal
    _lock, _portal = threading.Lock(), None
