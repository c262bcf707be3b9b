"""What happens between SIGTERM and the end: this process is not ready any more, but serves as before.

ASGI has no such event, and load balancers take some seconds to notice that an instance is not ready.
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

from server.types import App, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

LOOK = 0.25  # seconds between two looks at the file


class Leaving:
    """Delays the server's own SIGTERM handler by `lag`; a second SIGTERM ends the delay.

    Servers other than uvicorn stop listening at once: there, a file that the platform's `preStop` hook
    touches has the same effect, and their own SIGTERM comes afterwards.

    Args:
        app: what answers the requests.
        lag: seconds that the load balancer needs.
        file: its being touched, after the start, means the same as SIGTERM.

    Attributes:
        has_begun: whether this process is about to end.
    """

    def __init__(self, app: App, lag: float, file: str | None) -> None:
        self.has_begun = False
        self._app = app
        self._lag = lag
        self._file = Path(file) if file else None
        self._stop: asyncio.TimerHandle | None = None

    # No coroutine of its own: as long as it has not begun, requests pay for one comparison only.
    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if self.has_begun and scope["http_version"].startswith("1"):
            # Else a balancer would send its next request over a connection that is about to be closed.
            send = partial(_send_and_close, send)
        return self._app(scope, receive, send)

    @asynccontextmanager
    async def noticed(self, while_opening: Callable[[], None]) -> AsyncIterator[None]:
        """SIGTERM and the file are noticed inside the block.

        Args:
            while_opening: called at once, for a process that has not served anything need not wait.
        """
        self.has_begun, self._stop = False, None
        loop = asyncio.get_running_loop()
        looking = asyncio.create_task(self._look(self._file)) if self._file else None
        previous = signal.getsignal(signal.SIGTERM)

        def on_signal(*_: Any) -> None:
            # In a context of its own: it interrupts some request, of which the log would speak.
            loop.call_soon_threadsafe(self._begin, loop, previous, while_opening, context=Context())

        # Only the main thread may; threaded servers look at the file.
        chained = callable(previous) and threading.current_thread() is threading.main_thread()
        if chained:
            signal.signal(signal.SIGTERM, on_signal)
        try:
            yield
        finally:
            if chained and signal.getsignal(signal.SIGTERM) is on_signal:
                signal.signal(signal.SIGTERM, previous)
            if self._stop is not None:
                self._stop.cancel()
            if looking is not None:
                looking.cancel()

    def _begin(self, loop: asyncio.AbstractEventLoop, then: Any, while_opening: Callable[[], None]) -> None:
        if self._stop is not None:
            self._stop.cancel()
            then(signal.SIGTERM, None)
            return
        self._stop = loop.call_later(self._lag, then, signal.SIGTERM, None)
        self._note()
        while_opening()

    def _note(self) -> None:
        if not self.has_begun:
            self.has_begun = True
            logger.info("leaving: not ready any more, serving for %.3g s", self._lag)

    async def _look(self, file: Path) -> None:
        before = _touched(file)  # by a predecessor
        while not self.has_begun:
            if _touched(file) != before:
                self._note()
            await asyncio.sleep(LOOK)


async def _send_and_close(send: Send, message: Message) -> None:
    if message["type"] == "http.response.start":
        message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
    await send(message)


def _touched(file: Path) -> float | None:
    try:
        return file.stat().st_mtime
    except OSError:
        return None
