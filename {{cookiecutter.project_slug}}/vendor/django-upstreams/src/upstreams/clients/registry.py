"""The `Upstream` objects of this process, and which event loop owns open clients."""

import asyncio
import os
import threading
import weakref
from collections.abc import Callable
from functools import cache
from typing import Protocol

from upstreams.clients.loop_clients import Clients
from upstreams.core.definition import configured
from upstreams.core.event_loop import running_loop


class Hooks(Protocol):
    """The methods of an `Upstream` that the package calls."""

    async def on_startup(self) -> None: ...

    async def health_check(self) -> None: ...


upstreams: "weakref.WeakValueDictionary[str, Hooks]" = weakref.WeakValueDictionary()
"""Alias -> `Upstream` object, added by its constructor; a later one replaces an earlier one."""

clients_by_loop: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Clients]" = weakref.WeakKeyDictionary()
_lock = threading.Lock()
_of_parent: list[Clients] = []


def own(clients: Clients) -> None:
    """Make the running loop the owner of these clients."""
    _register_fork_hook()
    with _lock:
        clients_by_loop[asyncio.get_running_loop()] = clients


def running_owner() -> tuple[Clients, asyncio.AbstractEventLoop] | None:
    """Return the clients and the loop that calls from other loops and threads are handed to."""
    with _lock:
        owners = [
            (clients, loop)
            for loop, clients in clients_by_loop.items()
            if loop.is_running() and clients.takes_calls
        ]
    return max(owners, key=lambda owner: owner[0].is_open, default=None)


def are_open() -> bool:
    """Return whether the running loop has open clients."""
    here = clients_by_loop.get(asyncio.get_running_loop())
    return here is not None and here.is_open


def all_clients() -> tuple[Clients, ...]:
    """Return the clients of every event loop of this process."""
    with _lock:
        return tuple(clients_by_loop.values())


def open_owners() -> list[tuple[Clients, asyncio.AbstractEventLoop]]:
    """Return the clients that are open, with the event loops that own them."""
    with _lock:
        return [(clients, loop) for loop, clients in clients_by_loop.items() if clients.is_open]


def refresh(*, setting: str, **_: object) -> None:
    """Make new clients where definitions have changed; connected to Django's signal `setting_changed`."""
    if setting == "UPSTREAMS":
        _in_owning_loops(lambda clients: clients.replace(configured()))
    elif setting == "DEBUG":  # under which calls are recorded
        _in_owning_loops(Clients.renew_all)


def renew(alias: str) -> None:
    """Make a new client of one upstream in each loop, because tests have replaced its transport."""
    _in_owning_loops(lambda clients: clients.renew(alias))


def forget_closed() -> None:
    """Forget clients that have closed, so that the next call of their loops opens others; for tests."""
    with _lock:
        for loop, clients in tuple(clients_by_loop.items()):
            if clients.is_over:
                del clients_by_loop[loop]


def _in_owning_loops(change: Callable[[Clients], None]) -> None:
    for clients, loop in open_owners():
        # A loop that is not running, such as pytest-asyncio's between two tests, is changed from any thread.
        if loop is running_loop() or not loop.is_running():
            change(clients)
        else:
            asyncio.run_coroutine_threadsafe(_run(change, clients), loop).result()


async def _run(change: Callable[[Clients], None], clients: Clients) -> None:
    change(clients)


@cache
def _register_fork_hook() -> None:
    # Not at import: the hook cannot be removed.
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_after_fork)


def _after_fork() -> None:
    global _lock
    # The sockets belong to the parent. Keep them without using them: to drop them would close them.
    _of_parent.extend(clients_by_loop.values())
    clients_by_loop.clear()
    _lock = threading.Lock()
