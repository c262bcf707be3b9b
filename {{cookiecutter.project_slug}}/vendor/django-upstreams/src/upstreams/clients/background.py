"""Run work in the background, after the response. Use a task of `django.tasks` for work that must survive a crash."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from asgiref.sync import sync_to_async

from upstreams.clients import misplaced, pools, portal, registry
from upstreams.clients.loop_clients import Clients
from upstreams.core.event_loop import running_loop


def spawn(coroutine: Coroutine[Any, Any, object]) -> None:
    """Run a coroutine in the background, from async or sync code, in the loop that owns the clients.

    It keeps the request id, the trace and the bound log fields of its caller, but not the deadline. Its ORM calls use
    a thread and database connections of their own. A failure is logged. When the process ends, the coroutine has
    `CLIENT_DRAIN` seconds before it is cancelled. In a process without open clients, the first call opens them.

    Raises:
        BackgroundLimitExceeded: `UPSTREAMS_LIMITS["MAX_BACKGROUND_TASKS"]` tasks are running.
        UpstreamClosed: this process is shutting down.
    """
    _spawn(coroutine, _name(coroutine))


def spawn_thread[**P](function: Callable[P, object], /, *args: P.args, **kwargs: P.kwargs) -> None:
    """Run a function in a background thread. It behaves as with `spawn`, except that it cannot be cancelled."""
    _spawn(sync_to_async(function)(*args, **kwargs), _name(function))


def _spawn(coroutine: Coroutine[Any, Any, object], name: str) -> None:
    try:
        owner, loop = _owner(name)
    except BaseException:
        coroutine.close()
        raise
    owner.background.add(coroutine, name, loop)


def _owner(name: str) -> tuple[Clients, asyncio.AbstractEventLoop]:
    loop = running_loop()
    if loop is not None and (here := registry.clients_by_loop.get(loop)) is not None:
        return here, loop
    while (owner := registry.running_owner()) is None:
        misplaced.refuse_early_call(f"background task {name}")
        portal.started(pools.open_clients).result()
    return owner


def _name(work: object) -> str:
    return getattr(work, "__qualname__", repr(work))
