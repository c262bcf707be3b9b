"""One look at all workers a second, for all who look: a task that runs while there are any."""

import asyncio
import logging
import weakref
from collections.abc import AsyncGenerator
from contextvars import Context
from typing import Any, NamedTuple

import msgspec
from django.utils import translation

from upstreams.clients.server_sent_events import ServerSentEvent
from upstreams.contrib.upstreams_page import worker
from upstreams.contrib.upstreams_page.charts import Charts
from upstreams.contrib.upstreams_page.compose import compose
from upstreams.contrib.upstreams_page.content import Content
from upstreams.contrib.upstreams_page.workers import Workers

logger = logging.getLogger(__name__)

INTERVAL = 1.0
"""Seconds between two looks."""


class SharedEvent(ServerSentEvent, frozen=True):
    """An event that is encoded once for all who get it."""

    encoded: bytes = b""

    def encode(self) -> bytes:
        return self.encoded


class Shown(NamedTuple):
    """What the page shows in one language.

    Args:
        look: the number of the look that it is of.
        values: by the id of their element.
        previous: the number of the look to which `changes` add up.
        changes: nothing if there are none.
    """

    look: int
    values: dict[str, Any]
    previous: int
    changes: SharedEvent | None


class Watch:
    """Looks at the workers for the lookers of one event loop."""

    def __init__(self) -> None:
        self._workers = Workers()
        self._charts = Charts()
        self._look = 0
        self._looked_at = -INTERVAL
        self._looking = asyncio.Lock()
        self._looked = asyncio.Event()
        self._shown: dict[str, Shown] = {}
        self._lookers = 0
        self._task: asyncio.Task[None] | None = None

    async def content(self) -> Content:
        """Return what the page shows, in the active language."""
        async with self._looking:
            await self._refresh()
        return compose(self._workers.in_order, self._charts)

    async def events(self) -> AsyncGenerator[SharedEvent]:
        """Yield everything that the page shows, then what changes, in the active language."""
        language = translation.get_language() or "en"
        self._lookers += 1
        if self._task is None:
            # In a context of its own: it goes on for others.
            self._task = asyncio.create_task(self._look_again_and_again(), context=Context())
        try:
            await self._refresh_unless_fresh()
            seen = 0
            while not worker.is_draining():
                shown = self._show(language)
                if shown.previous != seen:
                    yield _event(shown.values)
                elif shown.changes is not None:
                    yield shown.changes
                seen = shown.look
                await self._looked.wait()
        finally:
            self._lookers -= 1
            if not self._lookers:
                self._task.cancel()
                self._task = None
                self._shown.clear()

    async def _look_again_and_again(self) -> None:
        while True:
            try:
                await self._refresh_unless_fresh()
            except Exception:
                logger.exception("the upstreams page could not look at the workers")
            await asyncio.sleep(INTERVAL)
            if worker.is_draining():
                self._looked.set()  # the streams end

    async def _refresh_unless_fresh(self) -> None:
        async with self._looking:
            if asyncio.get_running_loop().time() - self._looked_at >= 0.9 * INTERVAL:
                await self._refresh()

    async def _refresh(self) -> None:
        await self._workers.refresh()
        self._looked_at = asyncio.get_running_loop().time()
        self._look += 1
        looked, self._looked = self._looked, asyncio.Event()
        looked.set()

    def _show(self, language: str) -> Shown:
        last = self._shown.get(language, Shown(0, {}, 0, None))
        if last.look == self._look:
            return last
        with translation.override(language):
            values = compose(self._workers.in_order, self._charts).by_id()
        changes = {key: value for key, value in values.items() if last.values.get(key) != value}
        event = _event(changes) if changes else None
        shown = self._shown[language] = Shown(self._look, values, last.look, event)
        return shown


def _event(values: dict[str, Any]) -> SharedEvent:
    data = msgspec.json.encode(values).decode()
    return SharedEvent(data, encoded=ServerSentEvent(data).encode())


_watches: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Watch]" = weakref.WeakKeyDictionary()


def of_running_loop() -> Watch:
    """Return the watch of the running event loop."""
    return _watches.setdefault(asyncio.get_running_loop(), Watch())
