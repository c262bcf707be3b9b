"""When the response to a request must begin, and the timer that ends the request then."""

import asyncio
import time
from collections.abc import Callable

from upstreams.core.event_loop import running_loop

REQUEST_TIMEOUT = 'UPSTREAMS_TIMEOUTS["REQUEST"]'
"""The setting behind the deadline of every request whose view has none of its own."""


class RequestDeadline:
    """The deadline of one request, which its view may move; upstream calls inherit it.

    Args:
        seconds: from now.

    Attributes:
        arrived: when the request arrived, in `time.monotonic()` seconds.
        at: when its time is over, in the same seconds.
        key: the setting or the decorator that it comes from.
    """

    __slots__ = ("_default", "_is_fixed", "_loop", "_on_passed", "_timer", "arrived", "at", "key")

    def __init__(self, seconds: float) -> None:
        self.arrived = time.monotonic()
        self._default = seconds
        self._is_fixed = False
        self._timer: asyncio.TimerHandle | None = None
        self.at = self.arrived + seconds
        self.key = REQUEST_TIMEOUT

    def start(self, on_passed: Callable[[], None]) -> None:
        """Call a function on the running loop when the deadline passes."""
        self._loop = asyncio.get_running_loop()
        self._on_passed = on_passed
        self._timer = self._loop.call_later(self.at - time.monotonic(), on_passed)

    def stop(self) -> None:
        """Call nothing any more: the request has ended."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            del self._on_passed  # the request, which refers to its deadline: a cycle

    def move(self, seconds: float, key: str, *, fixed: bool = False) -> None:
        """Give the view that is about to run its own time; may be called in any thread.

        A longer time counts from the arrival of the request, as the default does. A shorter one counts from now, so
        that a client which sends its body slowly leaves the view its time, and ends with the default at the latest.

        Args:
            seconds: of the view.
            key: the setting or the decorator that says so.
            fixed: ignore further calls.
        """
        if self._is_fixed:
            return
        self._is_fixed = fixed
        self.key = key
        self.at = min(time.monotonic() + seconds, self.arrived + max(seconds, self._default))
        if self._timer is None:
            return
        if running_loop() is self._loop:
            self._move_timer()
        else:
            self._loop.call_soon_threadsafe(self._move_timer)

    def _move_timer(self) -> None:
        if self._timer is not None:  # else the request has ended meanwhile
            self._timer.cancel()
            self.start(self._on_passed)
