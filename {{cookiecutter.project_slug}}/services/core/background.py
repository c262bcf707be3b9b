"""Work that outlives its response. What must survive a crash is a task of `django.tasks` instead."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from asgiref.sync import sync_to_async

from services.core import connections, portal
from services.core.connections import Connections


def spawn(coroutine: Coroutine[Any, Any, object]) -> None:
    """Run a coroutine in the background, from async or sync code, in the loop that owns the connections.

    It carries the request id and the trace of its caller, not its deadline; its ORM calls have a thread and
    connections of their own. A failure is logged. At the end of the process it gets `DRAIN` seconds.
    Where no loop owns connections yet, the first call waits until the portal is open.

    Raises:
        BackgroundFull: `LIMITS["SPAWNED"]` pieces of work are running.
        UpstreamClosing: this process is closing.
    """
    _spawn(coroutine, _name(coroutine))


def spawn_thread[**P](function: Callable[P, object], /, *args: P.args, **kwargs: P.kwargs) -> None:
    """Run a function in a thread, in the background; as `spawn`, but it cannot be cancelled."""
    _spawn(sync_to_async(function)(*args, **kwargs), _name(function))


def _spawn(coroutine: Coroutine[Any, Any, object], name: str) -> None:
    try:
        owner, loop = _owner()
    except BaseException:
        coroutine.close()
        raise
    owner.spawned.add(coroutine, name, loop)


def _owner() -> tuple[Connections, asyncio.AbstractEventLoop]:
    loop = asyncio._get_running_loop()
    if loop is not None and (here := connections.owned.get(loop)) is not None:
        return here, loop
    while (owner := connections.running_owner()) is None:
        portal.started(connections.opened).result()
    return owner


def _name(work: object) -> str:
    return getattr(work, "__qualname__", repr(work))
