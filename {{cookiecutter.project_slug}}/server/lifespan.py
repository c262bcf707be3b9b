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

from django.core.exceptions import ImproperlyConfigured

from server.types import App, Receive, Scope, Send
from services.core.errors import StartupFailed, is_cancelled

logger = logging.getLogger(__name__)

NAMES = {"startup": "start-up", "shutdown": "shutdown"}
Manager = AbstractAsyncContextManager[object] | AbstractContextManager[object]


class Lifespan:
    """Enters context managers before the first request and leaves them after the last.

    They open in order and close in reverse order, the async ones within a time limit: servers wait for
    a hanging start-up or shutdown for ever. They must not use the database, whose connection would
    stay open for the worker's life, nor set context variables, which reach no request.

    Args:
        app: what serves the requests.
        contexts: functions without arguments that return a context manager, async or sync.
        start: seconds that entering one may take.
        close: seconds that leaving one may take.
    """

    def __init__(self, app: App, *contexts: Callable[[], Manager], start: float, close: float) -> None:
        self._app = app
        self._contexts = contexts
        self._start = start
        self._close = close
        self._warned = False
        self._opening: asyncio.Timeout | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                if not self._warned:
                    self._warned = True
                    logger.warning("requests arrive without a lifespan; run `manage.py serve`")
                await self._app(scope, receive, send)
            case "lifespan":
                await self._lifespan(receive, send)
            case "websocket":
                await receive()
                await send({"type": "websocket.close", "code": 1000})
            case other:
                raise ValueError(f"this service answers http requests, not {other!r}")

    def stop_opening(self) -> None:
        """End a start-up that is still going on: a server that is told to stop would wait for it."""
        if self._opening is not None:
            self._opening.reschedule(0)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        self._warned = True
        await receive()
        phase = "startup"
        try:
            async with AsyncExitStack() as stack:
                await self._open(stack)
                phase = "shutdown"
                await send({"type": "lifespan.startup.complete"})
                await receive()
                logger.info("closing: what is in flight gets its time, then everything is closed")
        except (Exception, asyncio.CancelledError) as error:
            if is_cancelled(error):
                raise
            # The stack is unwound by now: servers cancel whatever is awaited after the report.
            logger.critical("%s failed: %s", NAMES[phase], error, exc_info=error.__cause__)
            # This message stops every server; an exception that escapes stops none.
            await send({"type": f"lifespan.{phase}.failed", "message": str(error)})
        else:
            logger.info("closed")
            await send({"type": "lifespan.shutdown.complete"})

    async def _open(self, stack: AsyncExitStack) -> None:
        try:
            async with asyncio.timeout(None) as self._opening:
                for context in self._contexts:
                    await stack.enter_async_context(self._bounded(context))
        except TimeoutError:
            raise StartupFailed("told to stop before it was over") from None
        finally:
            self._opening = None

    @asynccontextmanager
    async def _bounded(self, context: Callable[[], Manager]) -> AsyncIterator[None]:
        name = getattr(context, "__qualname__", repr(context))
        stack = AsyncExitStack()
        try:
            async with asyncio.timeout(self._start) as timeout:
                await _enter(stack, context())
        except (StartupFailed, ImproperlyConfigured):
            raise  # these say what and where
        except (Exception, asyncio.CancelledError) as error:
            if is_cancelled(error):
                raise
            if timeout.expired():
                raise StartupFailed(f"{name} took longer than {self._start:.3g} s to open") from None
            raise StartupFailed(f"{name} failed to open: {error!r}") from error
        try:
            yield
        finally:
            await self._leave(stack, name)

    async def _leave(self, stack: AsyncExitStack, name: str) -> None:
        try:
            async with asyncio.timeout(self._close) as timeout:
                await stack.aclose()
        except (Exception, asyncio.CancelledError) as error:
            if is_cancelled(error):
                raise
            what = (
                f"took longer than {self._close:.3g} s to close" if timeout.expired() else "failed to close"
            )
            logger.exception("%s %s", name, what)


async def _enter(stack: AsyncExitStack, manager: Manager) -> None:
    if isinstance(manager, AbstractAsyncContextManager):
        await stack.enter_async_context(manager)
    else:
        stack.enter_context(manager)
