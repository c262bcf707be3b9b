"""The open clients of each event loop, and the way of a request to the loop that owns them."""

import asyncio
import logging
import os
import sys
import threading
import weakref
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from django.conf import settings

from services.core import portal
from services.core.definitions import Definition, configured
from services.core.errors import Call, StartupFailed, UpstreamClosing, is_cancelled
from services.core.http import Request, Response, Transport, httpx
from services.core.policies import around
from services.core.policies.deadline import InFlight
from services.core.spawned import Spawned
from services.core.wire import Wire

if TYPE_CHECKING:
    from services.core.upstream import Upstream

logger = logging.getLogger(__name__)

make_wire: Callable[[Definition], Transport] = Wire
"""Tests put a wire of their own here."""

upstreams: "weakref.WeakValueDictionary[str, Upstream]" = weakref.WeakValueDictionary()
"""Alias -> the object that speaks for it, noted by its constructor."""

owned: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Connections]" = weakref.WeakKeyDictionary()
_lock = threading.Lock()
_of_parent: list[object] = []


class Connections:
    """The clients of one event loop. Known beyond their closing, so that a late call learns why it fails."""

    def __init__(self) -> None:
        self.in_flight = InFlight()
        self.spawned = Spawned()
        self.wires: list[Transport] = []
        self.clients: dict[str, Transport] = {}
        self.is_open = False
        self.is_over = False
        self._handed: set[Future[Response]] = set()

    @property
    def takes_calls(self) -> bool:
        """Whether calls from other threads are answered, be it by saying that this process is closing."""
        return not self.is_over and (self.is_open or self.in_flight.closing)

    def add(self, definition: Definition) -> Transport:
        """Make a client. The network is not touched."""
        try:
            wire = make_wire(definition)
        except OSError as error:
            raise StartupFailed(f"upstream {definition.alias}: CA or CERT cannot be read: {error}") from None
        client = self.clients[definition.alias] = around(wire, definition, self.in_flight)
        self.wires.append(wire)
        return client

    async def send(self, request: Request) -> Response:
        """Send a request through its upstream's client. Only in the loop that owns it."""
        call = Call.of(request)
        client = self.clients.get(call.alias)
        if client is None:
            what = "its client is closed, or opens later: in the order of settings.UPSTREAMS"
            raise UpstreamClosing(what, call=call)
        return await client.handle_async_request(request)

    def hand_over(self, request: Request, loop: asyncio.AbstractEventLoop) -> "Future[Response] | None":
        """Send from another thread; None if the loop will not run it any more."""
        with _lock:
            if self.is_over:
                return None
            future = asyncio.run_coroutine_threadsafe(self.send(request), loop)
            self._handed.add(future)
        future.add_done_callback(self._handed.discard)
        return future

    async def end(self) -> None:
        """Take nothing from other threads any more: a loop that ends never starts what it was given last."""
        with _lock:
            self.is_over = True
        # Their clients are closed by now: they fail at once.
        await asyncio.gather(*map(asyncio.wrap_future, tuple(self._handed)), return_exceptions=True)
        await self.spawned.drain(0)  # what an `on_open` spawned before another one failed


@asynccontextmanager
async def opened(waited: Callable[[], float] = float) -> AsyncIterator[None]:
    """The clients of the running loop, open inside the block, in the order of the settings.

    Afterwards calls in flight get `DRAIN` seconds, less what `waited` says then; then all clients close
    within `CLOSE` seconds.

    Raises:
        ImproperlyConfigured: the settings are wrong.
        StartupFailed: an upstream could not be opened; those opened before it are closed.
    """
    if "gevent.monkey" in sys.modules and sys.modules["gevent.monkey"].is_module_patched("threading"):
        raise StartupFailed("gevent has patched this process: upstreams need its real threads")
    definitions = configured()
    connections = Connections()
    with _lock:
        owned[asyncio.get_running_loop()] = connections
    async with AsyncExitStack() as stack:
        stack.push_async_callback(connections.end)
        for definition in definitions.values():
            client = connections.add(definition)
            share = settings.TIMEOUTS["CLOSE"] / len(definitions)
            stack.push_async_callback(_close, connections, definition.alias, client, share)
            if (upstream := upstreams.get(definition.alias)) is not None:
                await _on_open(upstream, definition)
        stack.push_async_callback(_drain, connections, waited)
        connections.is_open = True
        yield


async def _on_open(upstream: "Upstream", definition: Definition) -> None:
    try:
        async with asyncio.timeout(definition.opening) as timeout:
            await upstream.on_open()
    except (Exception, asyncio.CancelledError) as error:
        if is_cancelled(error):
            raise
        late = f"took longer than OPENING, {definition.opening:.3g} s"
        what = late if timeout.expired() else f"failed: {error!r}"
        raise StartupFailed(f"upstream {definition.alias}: on_open {what}") from error


async def _drain(connections: Connections, waited: Callable[[], float]) -> None:
    seconds = max(0.0, settings.TIMEOUTS["DRAIN"] - waited())
    left = await connections.spawned.drain(seconds)
    connections.is_open = False
    for alias in await connections.in_flight.drain(left):
        logger.warning("upstream %s: a call was still in flight after DRAIN", alias)


async def _close(connections: Connections, alias: str, client: Transport, seconds: float) -> None:
    del connections.clients[alias]
    try:
        async with asyncio.timeout(seconds):
            await client.aclose()
    except Exception:
        logger.exception("upstream %s: could not be closed within %.3g s", alias, seconds)


def are_open() -> bool:
    """Whether the running loop has open clients."""
    here = owned.get(asyncio.get_running_loop())
    return here is not None and here.is_open


async def send(request: Request) -> Response:
    """Send a request over the one pool of this process, whatever loop the caller runs in.

    Only the request crosses over, in a copy of the caller's context; the caller's coroutine stays where
    it is, with its thread and its transaction. If the caller is cancelled, so is the request.
    """
    here = owned.get(asyncio.get_running_loop())
    if here is not None:
        return await here.send(request)
    if Call.of(request).stream or not isinstance(request.stream, httpx.SyncByteStream):
        raise RuntimeError("a stream cannot leave its event loop: stream from an async view")
    while True:
        if (owner := running_owner()) is None:
            await portal.opened(opened)
        elif (handed := owner[0].hand_over(request, owner[1])) is not None:
            return await asyncio.wrap_future(handed)


def running_owner() -> tuple[Connections, asyncio.AbstractEventLoop] | None:
    """The loop that work from elsewhere is handed to."""
    with _lock:
        owners = [(one, loop) for loop, one in owned.items() if loop.is_running() and one.takes_calls]
    return max(owners, key=lambda owner: owner[0].is_open, default=None)


def _after_fork() -> None:
    global _lock
    # The sockets are the parent's: never used here, and kept, for who forgets them closes them.
    _of_parent.extend(owned.values())
    owned.clear()
    _lock = threading.Lock()
    portal.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
