"""The limits of a stream that is read an item at a time: events, or lines of JSON."""

import math
import time
from dataclasses import dataclass

from upstreams.core import context
from upstreams.core.call import Call
from upstreams.core.definition import configured
from upstreams.core.errors import Limit, UpstreamResponseTooLarge, UpstreamTimeout

ROUNDING = 1e-3
"""Seconds by which a deadline may differ from the one that it is computed from."""


@dataclass(frozen=True)
class ItemLimits:
    """The limits of one stream; what is None is that of the settings.

    Args:
        item: what an item is called in errors.
        first_timeout: seconds from the response headers to the first item, instead of the rest of `TIMEOUT`.
        idle_timeout: seconds between two items, instead of `STREAM_IDLE_TIMEOUT`.
        max_size: bytes of one item, instead of `MAX_RESPONSE_SIZE`.

    Raises:
        ValueError: one of them is no such number.
    """

    item: str
    first_timeout: float | None = None
    idle_timeout: float | None = None
    max_size: int | None = None

    def __post_init__(self) -> None:
        for name in ("first_timeout", "idle_timeout"):
            value = getattr(self, name)
            if value is not None and not (type(value) in (int, float) and value > 0):
                raise ValueError(
                    f"{name} must be a number of seconds above 0, or math.inf for no limit, not {value!r}"
                )
        if self.max_size is not None and not (type(self.max_size) is int and self.max_size > 0):
            raise ValueError(f"max_size must be a whole number of bytes from 1 on, not {self.max_size!r}")

    def size(self, alias: str) -> Limit:
        """Return the limit of the bytes of one item."""
        if self.max_size is not None:
            return Limit("max_size", self.max_size, "bytes")
        return Limit("MAX_RESPONSE_SIZE", configured()[alias].max_response_size, "bytes")

    def bytes(self, alias: str) -> int:
        """Return how many bytes one item may have."""
        return int(self.size(alias).value)

    def first(self, call: Call) -> tuple[float | None, Limit]:
        """Return how many seconds are left for the first item, None for any number, and the limit that says so."""
        if self.first_timeout is not None:
            return _seconds(self.first_timeout), Limit("first_timeout", self.first_timeout)
        key = "TIMEOUT" if call.timeout is None else "timeout"
        seconds = configured()[call.alias].timeout if call.timeout is None else call.timeout
        inherited = context.deadline.get()
        if inherited is not None and inherited.at <= call.deadline + ROUNDING:
            key, seconds = inherited.key, inherited.at - inherited.arrived
        return max(0.0, call.deadline - time.monotonic()), Limit(key, seconds)

    def idle(self, call: Call) -> tuple[float | None, Limit]:
        """Return how many seconds there may be between two items, None for any number, and the limit that says so."""
        if self.idle_timeout is not None:
            return _seconds(self.idle_timeout), Limit("idle_timeout", self.idle_timeout)
        seconds = configured()[call.alias].stream_idle_timeout
        return seconds, Limit("STREAM_IDLE_TIMEOUT", seconds)

    def late(self, limit: Limit, call: Call, *, is_first: bool) -> UpstreamTimeout:
        """Return the error of an item that has not come in time."""
        which, argument = ("first", "first_timeout") if is_first else ("further", "idle_timeout")
        fix = f"raise {limit.key}" if limit.key == argument else f"raise {limit.key}, or pass {argument}="
        what = f"no {which} {self.item} within {limit}; {fix} if the upstream is slow"
        return UpstreamTimeout(what, call=call, limit=limit)

    def too_large(self, call: Call) -> UpstreamResponseTooLarge:
        """Return the error of an item that has too many bytes."""
        limit = self.size(call.alias)
        fix = f"raise {limit.key}" if limit.key == "max_size" else f"raise {limit.key}, or pass max_size="
        what = f"one {self.item} is larger than {limit}; {fix}"
        return UpstreamResponseTooLarge(what, call=call, limit=limit)


def _seconds(value: float) -> float | None:
    return None if math.isinf(value) else value
