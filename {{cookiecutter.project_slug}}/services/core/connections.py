"""The open clients of each event loop: opened with the lifespan, found by any request, closed after the last."""

import asyncio
import logging
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from services.core.definitions import Definition, configured, meant
from services.core.errors import StartupFailed, UnknownAlias, UpstreamClosing
from services.core.http import Transport
from services.core.policies.deadline import Deadline
from services.core.wire import Wire

if TYPE_CHECKING:
    from services.core.upstream import Upstream

logger = logging.getLogger(__name__)

make_wire: Callable[[Definition], Transport] = Wire
"""Tests put a wire of their own here."""

upstreams: "weakref.WeakValueDictionary[str, Upstream]" = weakref.WeakValueDictionary()
"""Alias -> the object that speaks for it, noted by its constructor."""

Clients = dict[str, Transport]
_clients: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Clients] = weakref.WeakKeyDictionary()


@asynccontextmanager
async def opened(close: float) -> AsyncIterator[None]:
    """The clients of the running loop, open inside the block, in the order of the settings.

    Args:
        close: seconds that closing one client may take.

    Raises:
        ImproperlyConfigured: the settings are wrong.
        StartupFailed: an upstream's `on_open` failed; those opened before it are closed.
    """
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        clients = _clients[loop] = {}
        stack.callback(_clients.pop, loop)
        for alias, definition in configured().items():
            clients[alias] = Deadline(make_wire(definition), definition.total)
            stack.push_async_callback(_close, alias, clients[alias], close)
            await _on_open(definition)
        yield


async def _on_open(definition: Definition) -> None:
    upstream = upstreams.get(definition.alias)
    if upstream is None:
        return
    try:
        async with asyncio.timeout(definition.opening):
            await upstream.on_open()
    except TimeoutError:
        what = f"upstream {definition.alias}: on_open took longer than OPENING, {definition.opening:.3g} s"
        raise StartupFailed(what) from None
    except Exception as error:
        raise StartupFailed(f"upstream {definition.alias}: on_open failed: {error!r}") from error


async def _close(alias: str, client: Transport, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await client.aclose()
    except TimeoutError:
        logger.error("upstream %s: closing took longer than %.3g s", alias, seconds)


def are_open() -> bool:
    """Whether the running loop has open clients."""
    return asyncio.get_running_loop() in _clients


def client(alias: str) -> Transport:
    """The running loop's client for an upstream.

    Raises:
        UnknownAlias: the settings do not define it.
        UpstreamClosing: the running loop has no open clients.
    """
    clients = _clients.get(asyncio.get_running_loop())
    if clients is None:
        raise UpstreamClosing(
            f"upstream {alias}: no lifespan has opened clients in this event loop; run `manage.py serve`"
        )
    if alias not in clients:
        raise UnknownAlias(f"upstream {alias!r} is not in settings.UPSTREAMS; {meant(alias, clients)}")
    return clients[alias]
