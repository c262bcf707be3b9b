"""A client that leaves ends the work for its request."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Self

from django.core.exceptions import RequestAborted

Receive = Callable[[], Awaitable[Mapping[str, Any]]]


class Cancelled:
    """Cancels the block when the client leaves, and ends with it; `asyncio.timeout` of another cause.

    Args:
        listen: raises `RequestAborted` when the client has left, or what else is wrong.
        receive: what it listens to.
    """

    def __init__(self, listen: Callable[[Receive], Awaitable[None]], receive: Receive) -> None:
        self._listen = listen
        self._receive = receive
        self._error: Exception | None = None

    async def __aenter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - for the type checker # nosec B101
        self._task = task
        self._cancelling = task.cancelling()
        self._watch = asyncio.create_task(self._wait())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> bool:
        self._watch.cancel()
        del self._watch  # else the traceback of its end, and all that hangs on it, were a cycle
        if self._error is None:
            return False
        is_ours = self._task.uncancel() <= self._cancelling and isinstance(error, asyncio.CancelledError)
        if not isinstance(self._error, RequestAborted):
            raise self._error
        return is_ours

    async def _wait(self) -> None:
        try:
            await self._listen(self._receive)
        except Exception as error:  # noqa: BLE001 - raised where the request is
            self._error = error
            self._task.cancel()
