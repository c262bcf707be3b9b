"""Cuts a block of a coroutine off."""

import asyncio
from types import TracebackType
from typing import Self


class Cut:
    """Cancels its block when it is called, or after a time, and ends with it.

    What `asyncio.timeout` does, for any cause, at a fraction of its cost: each request has several.

    Args:
        seconds: that the block may take; without it, only a call ends it.

    Attributes:
        is_made: whether the block was cut off; by then, another error may have ended it.
    """

    __slots__ = ("_cancelling", "_seconds", "_task", "_timer", "is_made")

    def __init__(self, seconds: float | None = None) -> None:
        self.is_made = False
        self._seconds = seconds
        self._task: asyncio.Task[object] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        task = self._task = asyncio.current_task()
        assert task is not None  # noqa: S101 - for the type checker # nosec B101
        self._cancelling = task.cancelling()
        if self._seconds is not None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self)
        return self

    def __call__(self) -> None:
        """Cut it off now, if it has not ended."""
        if self._task is not None and not self.is_made:
            self.is_made = True
            self._task.cancel()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> bool:
        task, self._task = self._task, None
        if self._timer is not None:
            self._timer.cancel()
        if not self.is_made or task is None:
            return False
        # If somebody else has cancelled the task as well, their cancellation goes on.
        return task.uncancel() <= self._cancelling and isinstance(error, asyncio.CancelledError)
