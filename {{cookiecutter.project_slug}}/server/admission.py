"""Refuses what this process could not serve in time, so that it serves the rest."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.exchange import Exchange, Limits
from server.lanes import Lanes
from server.types import App, Receive, Scope, Send
from services.core import context

logger = logging.getLogger(__name__)


class Admission:
    """Bounds the requests in flight, and the time and size of each.

    Args:
        app: what answers the requests.
        lanes: how many requests there may be; one more gets a 503 at once.
        limits: of each of them.
        drain: seconds that those still running have at the end.
    """

    def __init__(self, app: App, lanes: Lanes, limits: Limits, drain: float) -> None:
        self._app = app
        self._lanes = lanes
        self._limits = limits
        self._drain = drain
        self._closing = 0.0
        self._on_end: asyncio.Event | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(receive, send, self._lanes, self._limits)
        token = context.deadline.set(time.monotonic() + self._limits.seconds)
        try:
            await exchange.run(self._app, scope)
        finally:
            context.deadline.reset(token)
            exchange.end()
            if self._on_end is not None:
                self._on_end.set()
        await exchange.answered()

    @asynccontextmanager
    async def emptied(self) -> AsyncIterator[None]:
        """Waits at its end for requests that the server has cancelled: they may use what closes next."""
        yield
        self._closing = time.monotonic()
        try:
            async with asyncio.timeout(self._drain):
                while self._lanes.taken:
                    self._on_end = asyncio.Event()
                    await self._on_end.wait()
        except TimeoutError:
            what = "closing: %d requests did not end within DRAIN, %.3g s"
            logger.warning(what, self._lanes.taken, self._drain)

    def waited(self) -> float:
        """Seconds since this process has begun to close, of which what closes next takes account."""
        return time.monotonic() - self._closing
