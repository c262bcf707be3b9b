"""How long an upstream has been failing, which decides for how long its circuit breaker stays open."""

from random import uniform

SHARE_OF_OUTAGE = 0.5
"""The open time as a share of the time since the breaker opened: an upstream that is back waits no longer than that."""


class Outage:
    """An outage lasts until the upstream was well for a window (Envoy reduces its ejection time in the same way).

    The open time has equal jitter (Finagle's `Backoff.equalJittered`, resilience4j's `ofExponentialRandomBackoff`).

    Args:
        open_time: seconds for which the breaker stays open at first, at most.
        max_open_time: seconds for which it stays open at last, at most.
        window: seconds after which an upstream that was well begins a new outage.

    Attributes:
        is_on: whether the upstream has failed and was not well for a window since.
    """

    def __init__(self, open_time: float, max_open_time: float, window: float) -> None:
        self.is_on = False
        self._open_time = open_time
        self._max_open_time = max_open_time
        self._window = window
        self._since = self._paused_at = 0.0

    def go_on(self, now: float) -> None:
        """Begin an outage, unless this is still the last one."""
        if not self.is_on or now - self._paused_at >= self._window:
            self.is_on, self._since = True, now

    def pause(self, now: float) -> None:
        """Note that the upstream is well."""
        self._paused_at = now

    def open_time(self, now: float) -> float:
        """Return the seconds until the next probe: the longer, the longer the upstream has been failing."""
        longest = min(max(self._open_time, SHARE_OF_OUTAGE * (now - self._since)), self._max_open_time)
        return longest * uniform(0.5, 1)  # noqa: S311 - no secret # nosec B311
