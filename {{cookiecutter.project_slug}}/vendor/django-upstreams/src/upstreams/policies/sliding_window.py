"""Counts calls over a period, as resilience4j's time-based sliding window does: memory does not grow with the calls."""

SLICES = 10
"""Parts of the window; it forgets one at a time."""


class SlidingWindow:
    """The calls of the last seconds, and how many of them failed.

    Args:
        seconds: over which calls are counted.

    Attributes:
        calls: all calls.
        failures: those that failed.
    """

    def __init__(self, seconds: float) -> None:
        self._width = seconds / SLICES
        self.clear()

    def clear(self) -> None:
        """Forget all calls."""
        self.calls = self.failures = 0
        self._slices = [[0, 0] for _ in range(SLICES)]
        self._latest = 0

    def add(self, now: float, calls: int, failures: int) -> None:
        """Add to the numbers; a call that failed and then succeeded after all is `0, -1`.

        Args:
            now: in seconds of a monotonic clock.
            calls, failures: to add.
        """
        latest = int(now / self._width)
        if latest > self._latest:
            self._forget(latest)
        current = self._slices[self._latest % SLICES]
        current[0] += calls
        current[1] += failures
        self.calls += calls
        self.failures += failures

    def _forget(self, latest: int) -> None:
        for expired in range(max(self._latest, latest - SLICES) + 1, latest + 1):
            calls, failures = self._slices[expired % SLICES]
            self.calls -= calls
            self.failures -= failures
            self._slices[expired % SLICES] = [0, 0]
        self._latest = latest
