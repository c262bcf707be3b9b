"""A client of another library, owned by one event loop of the process, and used from any code."""

import asyncio
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Concatenate

from upstreams.clients import pools, registry
from upstreams.clients.loop_clients import Clients
from upstreams.core.errors import UpstreamClosed

Loop = asyncio.AbstractEventLoop


class Resource[T]:
    """Something with an async context manager, such as an `aiohttp.ClientSession`, opened once in each process.

    Args:
        make: returns the context manager. It is called in the event loop that owns the clients.
    """

    def __init__(self, make: Callable[[], AbstractAsyncContextManager[T]]) -> None:
        self._make = make
        # A process may have several event loops with clients, such as those of tests.
        self._values: weakref.WeakKeyDictionary[Loop, T] = weakref.WeakKeyDictionary()
        self._opening: weakref.WeakKeyDictionary[Loop, asyncio.Future[None]] = weakref.WeakKeyDictionary()
        self._closed: weakref.WeakSet[Loop] = weakref.WeakSet()

    def __repr__(self) -> str:
        return f"Resource({getattr(self._make, '__qualname__', repr(self._make))})"

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Hold it open for the duration of the block: an entry of `lifespan`, behind `open_clients`.

        Raises:
            RuntimeError: the clients of the running loop are not open.
        """
        loop = asyncio.get_running_loop()
        if loop not in registry.clients_by_loop:
            raise RuntimeError(f"{self!r}: open the clients first, as in lifespan=[open_clients, …]")
        async with self._make() as value:
            self._closed.discard(loop)
            self._values[loop] = value
            try:
                yield
            finally:
                self._closed.add(loop)
                del self._values[loop]

    async def run[**P, R](
        self, function: Callable[Concatenate[T, P], Awaitable[R]], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Call an async function with it, in the event loop that owns it, whichever loop the caller runs in.

        Where no lifespan has opened it, such as in a command, the first call does, for as long as the clients are open.
        If the caller is cancelled, so is the function.

        Args:
            function: its first argument is what the context manager returns.
            args: further arguments.
            kwargs: further arguments.

        Raises:
            UpstreamClosed: this process is shutting down.
            RuntimeError: the call is made at import.
            Exception: the function, or the context manager when it opened, raised it.
        """

        async def use(clients: Clients) -> R:
            return await function(await self._value(clients), *args, **kwargs)

        here = registry.clients_by_loop.get(asyncio.get_running_loop())
        return await (use(here) if here is not None else pools.run_in_owner(repr(self), use))

    async def _value(self, clients: Clients) -> T:
        loop = asyncio.get_running_loop()
        while loop not in self._values:
            if loop in self._closed or clients.in_flight.closing:
                raise self._is_closed()
            opening = self._opening.get(loop)
            if opening is None:
                opening = self._opening[loop] = loop.create_future()
                clients.keep(self._hold_open(opening))
            await asyncio.shield(opening)
        return self._values[loop]

    def _is_closed(self) -> UpstreamClosed:
        return UpstreamClosed(f"{self!r} is closed: this process is shutting down")

    async def _hold_open(self, opening: "asyncio.Future[None]") -> None:
        """Open it, and close it when cancelled; in one task, as cancel scopes ask."""
        loop = asyncio.get_running_loop()
        try:
            async with self.open():
                opening.set_result(None)
                await asyncio.Event().wait()
        except Exception as error:
            if opening.done():
                raise
            opening.set_exception(error)
        finally:
            self._opening.pop(loop, None)
            self._closed.discard(loop)  # the clients of this loop may open again, as in tests
            if not opening.done():  # cancelled
                opening.set_exception(self._is_closed())
            opening.exception()  # nobody may wait for it any more
