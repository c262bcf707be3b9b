"""What happens between SIGTERM and the server's own shutdown: `/readyz` is 503, everything else works as before.

ASGI has no event for it, and load balancers take some seconds to notice that an instance is not ready.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import Context
from functools import partial
from pathlib import Path
from typing import Any

from upstreams.core.asgi_types import App, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

RELOADING = "UPSTREAMS_RESTARTS_ON_CHANGE"
"""The environment variable of a process that is started anew when a file changes."""
DRAIN_FILE_INTERVAL = 0.25
"""Seconds between two looks at the drain file."""


class GracefulShutdown:
    """Calls the server's own SIGTERM handler after a delay; a second SIGTERM ends the delay.

    Servers other than uvicorn stop listening at once. There, the platform's `preStop` hook touches a file
    some seconds before it sends SIGTERM.

    Args:
        app: the application.
        delay: seconds that the load balancer needs.
        drain_file: has the effect of SIGTERM on readiness when it is touched after the start.

    Attributes:
        is_draining: whether SIGTERM has arrived or the file was touched.
    """

    def __init__(self, app: App, delay: float, drain_file: str | None) -> None:
        self.is_draining = False
        self.configure(delay, drain_file)
        self._app = app
        self._server_stop: asyncio.TimerHandle | None = None

    def configure(self, delay: float, drain_file: str | None) -> None:
        """Use this delay for the next SIGTERM, and this file from the next start on."""
        self._delay = delay
        self._drain_file = Path(drain_file) if drain_file else None

    # Not a coroutine: until it drains, each request pays for one comparison only.
    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if self.is_draining and scope["http_version"].startswith("1"):
            # Otherwise a load balancer would send its next request over a connection that is about to close.
            send = partial(_send_connection_close, send)
        return self._app(scope, receive, send)

    @asynccontextmanager
    async def handle_sigterm(self, on_sigterm: Callable[[], None]) -> AsyncIterator[None]:
        """Handle SIGTERM, and watch the drain file, inside the block.

        Args:
            on_sigterm: called at once by SIGTERM, for what need not wait for the delay.
        """
        self.is_draining, self._server_stop = False, None
        loop = asyncio.get_running_loop()
        watching = asyncio.create_task(self._watch(self._drain_file)) if self._drain_file else None
        previous = signal.getsignal(signal.SIGTERM)

        def on_signal(*_: Any) -> None:
            # In an empty context: in that of the request which the signal interrupts, its id would be logged.
            loop.call_soon_threadsafe(self._on_sigterm, loop, previous, on_sigterm, context=Context())

        # Only the main thread may set handlers; threaded servers use the file.
        chained = callable(previous) and threading.current_thread() is threading.main_thread()
        if chained:
            signal.signal(signal.SIGTERM, on_signal)
        try:
            yield
        finally:
            if chained and signal.getsignal(signal.SIGTERM) is on_signal:
                signal.signal(signal.SIGTERM, previous)
            if self._server_stop is not None:
                self._server_stop.cancel()
            if watching is not None:
                watching.cancel()

    def _on_sigterm(
        self, loop: asyncio.AbstractEventLoop, previous: Any, on_sigterm: Callable[[], None]
    ) -> None:
        if self._server_stop is not None:
            self._server_stop.cancel()
            previous(signal.SIGTERM, None)
            return
        self._server_stop = loop.call_later(self._delay, previous, signal.SIGTERM, None)
        self._begin_draining()
        on_sigterm()

    def _begin_draining(self) -> None:
        if not self.is_draining:
            self.is_draining = True
            logger.info("shutdown: draining for %.3g s", self._delay)

    async def _watch(self, file: Path) -> None:
        at_start = _modified(file)  # by an earlier process
        while not self.is_draining:
            if _modified(file) != at_start:
                self._begin_draining()
            await asyncio.sleep(DRAIN_FILE_INTERVAL)


async def _send_connection_close(send: Send, message: Message) -> None:
    if message["type"] == "http.response.start":
        message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
    await send(message)


def _modified(file: Path) -> float | None:
    try:
        return file.stat().st_mtime
    except OSError:
        return None
