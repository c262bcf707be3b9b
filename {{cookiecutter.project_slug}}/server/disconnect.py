"""A client that leaves ends the work for its request."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Self

from django.core.exceptions import RequestAborted

from services.core.cut import Cut

Receive = Callable[[], Awaitable[Mapping[str, Any]]]

PATIENCE = 0.05
"""Seconds until somebody listens: most requests have their answer by then, and listening takes a task."""


class Cancelled(Cut):
    """Cancels the block when the client leaves, and ends with it.

    Args:
        listen: raises `RequestAborted` when the client has left, or what else is wrong.
        receive: what it listens to.
    """

    def __init__(self, listen: Callable[[Receive], Awaitable[None]], receive: Receive) -> None:
        super().__init__()
        self._listen = listen
        self._receive = receive
        self._error: Exception | None = None
        self._watch: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        self._begin = asyncio.get_running_loop().call_later(PATIENCE, self._watched)
        return super().__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._begin.cancel()
        if self._watch is not None:
            self._watch.cancel()
            del self._watch  # else the traceback of its end, and all that hangs on it, were a cycle
        is_ours = super().__exit__(kind, error, trace)
        if is_ours and self._error is not None and not isinstance(self._error, RequestAborted):
            raise self._error
        return is_ours

    def _watched(self) -> None:
        self._watch = asyncio.create_task(self._wait())

    async def _wait(self) -> None:
        try:
            await self._listen(self._receive)
        except Exception as error:  # noqa: BLE001 - raised where the request is
            self._error = error
            self()
