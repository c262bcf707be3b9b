"""The ASGI lifespan protocol around context managers."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
)
from contextvars import Context
from functools import partial
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from upstreams.asgi.process_exit import EXIT_CODE, exit_process
from upstreams.core.asgi_types import App, Receive, Scope, Send
from upstreams.core.context import request_id
from upstreams.core.errors import StartupFailed
from upstreams.core.event_loop import is_cancelled

logger = logging.getLogger(__name__)

PHASES = {"startup": "start-up", "shutdown": "shutdown"}
Manager = AbstractAsyncContextManager[object] | AbstractContextManager[object]


class Lifespan:
    """Enters context managers before the first request, and exits them after the last one.

    They open in order and close in reverse order, each within a time limit if it is async: servers wait for
    a start-up or shutdown that hangs for ever. They must not use the database, whose connection would stay
    open for the worker's life, nor set context variables, which reach no request.

    Args:
        app: the application that serves the requests.
        contexts: functions without arguments that return a context manager, async or sync.
        start: seconds that entering one may take.
        close: seconds that exiting one may take.
    """

    def __init__(self, app: App, *contexts: Callable[[], Manager], start: float, close: float) -> None:
        self._app = app
        self._contexts = contexts
        self.configure(start, close)
        self._warned = False
        self._startup: asyncio.Timeout | None = None
        self._ending: asyncio.Future[str] | None = None

    def configure(self, start: float, close: float) -> None:
        """Use these limits for whatever opens or closes next."""
        self._start = start
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                if not self._warned:
                    self._warned = True
                    logger.warning("requests arrive without a lifespan; run `manage.py serve`")
                if request_id.get() is None:
                    await self._app(scope, receive, send)
                else:
                    # The server has started this one in the context of another request: uvicorn does where requests
                    # are pipelined, and asyncio for all that follow on a connection whose reading was paused
                    # (https://github.com/python/cpython/issues/140947).
                    await asyncio.create_task(_run(self._app, scope, receive, send), context=Context())
            case "lifespan":
                await self._lifespan(receive, send)
            case "websocket":
                await receive()
                await send({"type": "websocket.close", "code": 1000})
            case other:
                raise ValueError(f"this application handles http requests, not {other!r}")

    def cancel_startup(self) -> None:
        """Stop a start-up that is still going on: a server that gets SIGTERM would wait for it."""
        if self._startup is not None:
            self._startup.reschedule(0)

    def end(self, reason: str) -> None:
        """Close as at a shutdown, and exit with code 1: the server's own shutdown waits for all requests.

        Args:
            reason: is the last line of the log.
        """
        if self._ending is not None and not self._ending.done():
            self._ending.set_result(reason)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        self._warned = True
        await receive()
        phase, reason = "startup", None
        try:
            async with AsyncExitStack() as stack:
                await self._open(stack)
                phase = "shutdown"
                await send({"type": "lifespan.startup.complete"})
                reason = await self._wait_for_end(receive)
                logger.info("shutdown: closing, with CLIENT_DRAIN for what is in flight")
        except (Exception, asyncio.CancelledError) as error:
            if is_cancelled(error):
                raise
            # Reported when everything is closed: servers cancel what an application awaits after the report.
            logger.critical("%s failed: %s", PHASES[phase], error, exc_info=error.__cause__)
            # Sent, this message stops every server; an exception that escapes stops none.
            message = {"type": f"lifespan.{phase}.failed", "message": str(error)}
        else:
            logger.info("shutdown: closed")
            message = {"type": "lifespan.shutdown.complete"}
        if reason is not None:
            logger.critical("exit with code %d: %s", EXIT_CODE, reason)
            exit_process()
        await send(message)

    async def _wait_for_end(self, receive: Receive) -> str | None:
        """Wait until the server shuts down and return None, or until `end` is called and return its reason."""
        self._ending = asyncio.get_running_loop().create_future()
        shutdown = asyncio.ensure_future(receive())
        try:
            either: list[asyncio.Future[Any]] = [shutdown, self._ending]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not self._ending.done():
                shutdown.result()  # raises what `receive` has raised
                return None
            return self._ending.result()
        finally:
            shutdown.cancel()
            self._ending = None

    async def _open(self, stack: AsyncExitStack) -> None:
        try:
            async with asyncio.timeout(None) as self._startup:
                for context in self._contexts:
                    await stack.enter_async_context(self._bounded(context))
        except TimeoutError:
            raise StartupFailed("SIGTERM arrived before it was complete") from None
        finally:
            self._startup = None

    @asynccontextmanager
    async def _bounded(self, context: Callable[[], Manager]) -> AsyncIterator[None]:
        name = _name(context)
        stack = AsyncExitStack()
        try:
            async with asyncio.timeout(self._start) as timeout:
                await _enter(stack, context())
        except (StartupFailed, ImproperlyConfigured):
            raise  # their messages say what failed
        except (Exception, asyncio.CancelledError) as error:
            if is_cancelled(error):
                raise
            if timeout.expired():
                raise StartupFailed(f"{name} took longer than {self._start:.3g} s to open") from None
            raise StartupFailed(f"{name} failed to open: {error!r}") from error
        try:
            yield
        finally:
            await self._exit(stack, name)

    async def _exit(self, stack: AsyncExitStack, name: str) -> None:
        try:
            async with asyncio.timeout(self._close) as timeout:
                await stack.aclose()
        except (Exception, asyncio.CancelledError) as error:
            if is_cancelled(error):
                raise
            late = f"took longer than {self._close:.3g} s to close"
            logger.exception("%s %s", name, late if timeout.expired() else "failed to close")


async def _run(app: App, scope: Scope, receive: Receive, send: Send) -> None:
    await app(scope, receive, send)


def _name(context: Callable[[], Manager]) -> str:
    while isinstance(context, partial):
        context = context.func
    return getattr(context, "__qualname__", repr(context))


async def _enter(stack: AsyncExitStack, manager: Manager) -> None:
    if isinstance(manager, AbstractAsyncContextManager):
        await stack.enter_async_context(manager)
    else:
        stack.enter_context(manager)
