"""Cancels the work for a request when its client disconnects."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from django.core.exceptions import RequestAborted

from upstreams.core.asgi_types import DjangoReceive
from upstreams.core.cancel_scope import CancelScope

LISTEN_DELAY = 0.05
"""Seconds until a task listens for the disconnect. Most requests have their response by then and need no task."""


class CancelOnDisconnect(CancelScope):
    """Cancels the block when the client disconnects, and suppresses that cancellation.

    Args:
        listen: awaits messages of `receive`; raises `RequestAborted` when the client has disconnected, or another
            exception, which the block then raises.
        receive: of the request.
    """

    def __init__(self, listen: Callable[[DjangoReceive], Awaitable[None]], receive: DjangoReceive) -> None:
        super().__init__()
        self._listen = listen
        self._receive = receive
        self._error: Exception | None = None
        self._listener: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        self._listen_timer = asyncio.get_running_loop().call_later(LISTEN_DELAY, self._start_listening)
        return super().__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._listen_timer.cancel()
        if self._listener is not None:
            self._listener.cancel()
            del self._listener  # its exception's traceback refers to this object: a cycle
        found, self._error = self._error, None  # its traceback, too
        is_ours = super().__exit__(kind, error, trace)
        if is_ours and found is not None and not isinstance(found, RequestAborted):
            raise found
        return is_ours

    def _start_listening(self) -> None:
        self._listener = asyncio.create_task(self._wait())

    async def _wait(self) -> None:
        try:
            await self._listen(self._receive)
        except Exception as error:  # noqa: BLE001 - raised by __exit__, in the task of the request
            self._error = error
            self.cancel()
