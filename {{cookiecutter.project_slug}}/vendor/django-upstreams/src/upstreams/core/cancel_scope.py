"""A block of a coroutine that can be cancelled alone."""

import asyncio
from types import TracebackType
from typing import Self

from upstreams.core import debugger


class CancelScope:
    """Cancels its block when `cancel` is called, or after a time, and swallows that cancellation.

    Like `asyncio.timeout` for any cause, at a fraction of its cost: each request enters several scopes.

    Args:
        seconds: after which the block is cancelled; None sets no limit.

    Attributes:
        cancel_called: whether the block was cancelled; another error may have ended it first.
        task: that is in the block; None outside of it.
    """

    __slots__ = ("_cancelling", "_seconds", "_timer", "cancel_called", "task")

    def __init__(self, seconds: float | None = None) -> None:
        self.cancel_called = False
        self._seconds = seconds
        self.task: asyncio.Task[object] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        task = self.task = asyncio.current_task()
        assert task is not None  # noqa: S101 - for the type checker # nosec B101
        self._cancelling = task.cancelling()
        if self._seconds is not None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._on_timeout)
        return self

    def _on_timeout(self) -> None:
        if not debugger.in_use:
            self.cancel()

    def cancel(self) -> None:
        """Cancel the block, unless it has ended."""
        if self.task is not None and not self.cancel_called:
            self.cancel_called = True
            self.task.cancel()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> bool:
        task, self.task = self.task, None
        if self._timer is not None:
            self._timer.cancel()
        if not self.cancel_called or task is None:
            return False
        # A cancellation of the task from outside is not ours to swallow: it propagates.
        return task.uncancel() <= self._cancelling and isinstance(error, asyncio.CancelledError)
