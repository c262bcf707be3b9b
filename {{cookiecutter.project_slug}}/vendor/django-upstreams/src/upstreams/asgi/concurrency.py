"""Concurrency limits for the three kinds of request, so that one kind cannot starve the others."""

import sys
from dataclasses import dataclass
from typing import Protocol

from prometheus_client import Gauge

from upstreams.asgi import metrics
from upstreams.asgi.stuck_requests import StuckRequests
from upstreams.core.recording import incrementing


@dataclass
class Limiter:
    """Limits how many requests of one kind run at once.

    Args:
        kind: used in metrics and responses.
        limit: requests; one more is refused with a 503.
        gauge: shows how many are in use.
    """

    kind: str
    limit: int
    gauge: Gauge
    in_use: int = 0

    def __post_init__(self) -> None:
        self._count = incrementing(self.gauge)

    def acquire(self) -> bool:
        """Reserve a slot and return True, or count a rejection and return False when all are in use."""
        if self.in_use >= self.limit:
            metrics.rejected(self.kind)
            return False
        self.in_use += 1
        self._count(1)
        return True

    def release(self) -> None:
        """Give the slot back."""
        self.in_use -= 1
        self._count(-1)


@dataclass
class ByteBudget:
    """Limits the bytes of all request bodies together.

    Args:
        limit: bytes.
    """

    limit: int
    in_use: int = 0

    def acquire(self, size: int) -> bool:
        """Reserve bytes and return True, or count a rejection and return False when too few are left."""
        if self.in_use + size > self.limit:
            metrics.rejected("bodies")
            return False
        self.in_use += size
        return True

    def release(self, size: int) -> None:
        """Give the bytes back."""
        self.in_use -= size


class Stream(Protocol):
    """A streamed response that is being sent."""

    def end_stream(self) -> None:
        """Cancel it."""


class ConcurrencyLimits:
    """The limiters of the three kinds; a request may pass from one to the next.

    Args:
        uploads: requests whose body is still arriving.
        requests: requests being handled.
        streams: streamed responses being sent.
        body_bytes: bytes of all bodies together.

    Attributes:
        stuck: requests whose place nobody gets until they end.
    """

    def __init__(self, uploads: int, requests: int, streams: int, body_bytes: int = sys.maxsize) -> None:
        self.uploads = Limiter("uploads", uploads, metrics.uploads_in_flight)
        self.requests = Limiter("requests", requests, metrics.requests_in_flight)
        self.streams = Limiter("streams", streams, metrics.streams_in_flight)
        self.bodies = ByteBudget(body_bytes)
        self.open_streams: set[Stream] = set()
        self.stuck = StuckRequests(lambda: self.requests.limit)

    def configure(self, uploads: int, requests: int, streams: int, body_bytes: int) -> None:
        """Use these limits from the next request on."""
        self.bodies.limit = body_bytes
        self.uploads.limit, self.requests.limit, self.streams.limit = uploads, requests, streams

    def end_streams(self) -> None:
        """Cancel the streamed responses that are being sent."""
        for stream in self.open_streams:
            stream.end_stream()

    @property
    def in_use(self) -> int:
        """How many slots of all kinds are in use."""
        return self.uploads.in_use + self.requests.in_use + self.streams.in_use
