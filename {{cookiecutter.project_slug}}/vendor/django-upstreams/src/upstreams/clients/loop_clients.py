"""The clients of one event loop: made when the loop opens them, drained and closed when it ends.

made ──add──▶ open ──drain──▶ draining ──close──▶ closed ──end──▶ over
               │  calls are sent      │ calls in flight end        │ other threads open their own
               └──replace──▶ replaced: takes no new calls, closes with the others
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from typing import Any

from upstreams.clients.background_tasks import BackgroundTasks
from upstreams.core import shared_state
from upstreams.core.call import Call
from upstreams.core.definition import Definition
from upstreams.core.errors import StartupFailed, UpstreamClosed
from upstreams.core.httpx import Request, Response, Transport
from upstreams.core.shared_state import Location
from upstreams.policies import add_authentication, build_policies
from upstreams.policies.deadline import InFlight
from upstreams.policies.redis_server import RedisServer
from upstreams.transport.selection import transport_for

logger = logging.getLogger(__name__)

REPLACED_CLOSE_TIMEOUT = 1.0
"""Seconds that each replaced client has to close."""
KEPT_CLOSE_TIMEOUT = 1.0
"""Seconds that each resource has to close that the lifespan does not hold open."""

make_transport: Callable[[Definition], Transport] = transport_for
"""Makes the transport of an upstream; tests replace it."""


class Clients:
    """The clients of one event loop. They stay known after they have closed, so that a late call fails with the reason.

    Attributes:
        background: the background tasks of the loop.
        by_alias: the open clients.
        is_open: whether calls are sent.
        is_over: whether the loop accepts nothing from other threads any more.
    """

    def __init__(self) -> None:
        self.in_flight = InFlight()
        self.background = BackgroundTasks()
        self.by_alias: dict[str, Transport] = {}
        self.is_open = False
        self.is_over = False
        self._definitions: dict[str, Definition] = {}
        self._replaced: list[tuple[str, Transport]] = []
        self._shared: dict[Location, RedisServer] = {}
        self._handed_over: set[Future[Any]] = set()
        self._kept: list[asyncio.Task[None]] = []
        self._lock = threading.Lock()

    @property
    def takes_calls(self) -> bool:
        """Whether a call from another thread gets a response, or the error that this process is shutting down."""
        return not self.is_over and (self.is_open or self.in_flight.closing)

    def add(self, definition: Definition) -> None:
        """Make a client, without network access.

        Raises:
            StartupFailed: a certificate file cannot be read.
        """
        try:
            transport = make_transport(definition)
        except OSError as error:
            raise StartupFailed(f"upstream {definition.alias}: CA or CERT cannot be read: {error}") from None
        shared = self._server() if shared_state.shares(definition) else None
        self.by_alias[definition.alias] = build_policies(
            transport, definition, self.in_flight, shared, self._spawn
        )
        self._definitions[definition.alias] = definition

    def _spawn(self, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        self.background.add(coroutine, name, asyncio.get_running_loop())

    def _server(self) -> RedisServer:
        """Return what the upstreams of all processes share; settings have one, tests may change it."""
        location = shared_state.location()
        if location is None:
            raise StartupFailed('CACHES["default"] is no Redis any more; SHARED needs it')
        if location not in self._shared:
            self._shared[location] = RedisServer(location)
        return self._shared[location]

    def replace(self, definitions: Mapping[str, Definition]) -> None:
        """Make new clients where definitions have changed; calls in flight end on the old ones."""
        for alias in tuple(self.by_alias):
            if self._definitions[alias] != definitions.get(alias):
                self._replaced.append((alias, self.by_alias.pop(alias)))
        for alias, definition in definitions.items():
            if alias not in self.by_alias:
                self.add(definition)

    def renew(self, alias: str) -> None:
        """Make a new client with the same definition, if there is one of this alias."""
        if alias in self.by_alias:
            self._replaced.append((alias, self.by_alias.pop(alias)))
            self.add(self._definitions[alias])

    def renew_all(self) -> None:
        """Make a new client of each upstream, with the same definition."""
        for alias in tuple(self.by_alias):
            self.renew(alias)

    async def send(self, request: Request) -> Response:
        """Send a request through its upstream's client. Call this only in the loop that owns the clients."""
        call = Call.of(request)
        client = self.by_alias.get(call.alias)
        if client is None:
            what = (
                "its client is not open: it has closed, or opens later; in on_startup, "
                "call upstreams that are before this one in settings.UPSTREAMS"
            )
            raise UpstreamClosed(what, call=call)
        if call.tenant is not None:
            add_authentication(client, self._definitions[call.alias])
        return await client.handle_async_request(request)

    def hand_over[T](
        self, coroutine: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop
    ) -> "Future[T] | None":
        """Run a coroutine for another thread; close it and return None if the loop will not run it any more."""
        with self._lock:
            if self.is_over:
                coroutine.close()
                return None
            future = asyncio.run_coroutine_threadsafe(coroutine, loop)
            self._handed_over.add(future)
        future.add_done_callback(self._handed_over.discard)
        return future

    def keep(self, holding: Coroutine[Any, Any, None]) -> None:
        """Run what holds a resource open until it is cancelled, for as long as calls are in flight."""
        self._kept.append(asyncio.create_task(holding))

    async def drain(self, seconds: float) -> None:
        """Wait some seconds for background tasks and calls in flight, then cancel them."""
        left = await self.background.drain(seconds)
        self.is_open = False
        for alias in await self.in_flight.drain(left):
            logger.warning("upstream %s: a call was still in flight after CLIENT_DRAIN", alias)
        while self._kept:
            (task := self._kept.pop()).cancel()
            await asyncio.wait([task], timeout=KEPT_CLOSE_TIMEOUT)
            if not task.done():
                logger.error("a resource could not be closed within %.3g s", KEPT_CLOSE_TIMEOUT)
            elif not task.cancelled() and (error := task.exception()) is not None:
                logger.error("a resource could not be closed", exc_info=error)

    async def close(self, alias: str, seconds: float) -> None:
        """Close one client within a time limit."""
        if (client := self.by_alias.pop(alias, None)) is not None:
            await _close(alias, client, seconds)

    async def end(self) -> None:
        """Accept nothing from other threads any more: a loop that ends never starts what it was given last."""
        with self._lock:
            self.is_over = True
        for alias, client in (*self.by_alias.items(), *self._replaced):
            await _close(alias, client, REPLACED_CLOSE_TIMEOUT)
        self.by_alias.clear()
        self._replaced.clear()
        for server in self._shared.values():
            await server.aclose()
        # Their clients are closed by now: they fail at once.
        await asyncio.gather(*map(asyncio.wrap_future, tuple(self._handed_over)), return_exceptions=True)
        await self.background.drain(0)  # what an `on_startup` has started before another one failed


async def _close(alias: str, client: Transport, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await client.aclose()
    except Exception:
        logger.exception("upstream %s: could not be closed within %.3g s", alias, seconds)
