"""Refuses the requests that this process could not serve in time, so that it can serve the others."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from upstreams.asgi.concurrency import ConcurrencyLimits
from upstreams.asgi.garbage_watch import GarbageWatch
from upstreams.asgi.request_limits import LimitedRequest, RequestLimits
from upstreams.core import context
from upstreams.core.asgi_types import App, Receive, Scope, Send
from upstreams.core.request_deadline import RequestDeadline

logger = logging.getLogger(__name__)


class Admission:
    """Limits how many requests run at once, and the time and size of each.

    Args:
        app: the application.
        slots: how many requests may run; one more gets a 503 at once.
        limits: of each request.
        drain: seconds that requests still running have when the process closes.

    Attributes:
        garbage_watch: checks the memory when requests arrive.
    """

    def __init__(self, app: App, slots: ConcurrencyLimits, limits: RequestLimits, drain: float) -> None:
        self._app = app
        self._slots = slots
        self.garbage_watch = GarbageWatch(slots)
        self.configure(limits, drain)
        self._request_ended: asyncio.Event | None = None

    def configure(self, limits: RequestLimits, drain: float) -> None:
        """Use these limits from the next request on."""
        self._limits = limits
        self._drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = LimitedRequest(receive, send, self._slots, self._limits)
        deadline = RequestDeadline(self._limits.timeout)
        if deadline.arrived >= self.garbage_watch.next_check:
            self.garbage_watch.check(deadline.arrived)
        token = context.deadline.set(deadline)
        try:
            await request.run(self._app, scope, deadline)
        finally:
            context.deadline.reset(token)
            request.release()
            if self._request_ended is not None:
                self._request_ended.set()
        await request.wait_for_refusal()

    @asynccontextmanager
    async def wait_for_requests(self) -> AsyncIterator[None]:
        """On exit, wait for requests that still run: views that uvicorn has cancelled may be in their `finally`."""
        yield
        # The clients close next: for them, CLIENT_DRAIN began here.
        context.drain_ends.set(time.monotonic() + self._drain)
        try:
            async with asyncio.timeout(self._drain):
                while self._slots.in_use > self._slots.stuck.given_up:
                    self._request_ended = asyncio.Event()
                    await self._request_ended.wait()
        except TimeoutError:
            logger.warning(
                "shutdown: %d requests did not end within CLIENT_DRAIN, %.3g s",
                self._slots.in_use,
                self._drain,
            )
