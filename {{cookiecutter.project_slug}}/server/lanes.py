"""How many requests there may be of each kind, so that one kind leaves room for the others."""

from dataclasses import dataclass

from prometheus_client import Gauge

from server import metrics


@dataclass
class Lane:
    """Requests of one kind, at once.

    Args:
        name: of the kind.
        most: how many there may be.
        gauge: shows how many there are.
    """

    name: str
    most: int
    gauge: Gauge
    taken: int = 0

    def enter(self) -> bool:
        """Take a place; False if there is none."""
        if self.taken >= self.most:
            metrics.shed(self.name)
            return False
        self.taken += 1
        self.gauge.inc()
        return True

    def leave(self) -> None:
        """Give the place back."""
        self.taken -= 1
        self.gauge.dec()


class Lanes:
    """The three kinds; a request may pass from one to the next.

    Args:
        uploads: requests whose body is still arriving.
        requests: those that are being answered.
        streams: answers of several parts that are being sent.
    """

    def __init__(self, uploads: int, requests: int, streams: int) -> None:
        self.uploads = Lane("uploads", uploads, metrics.uploads_in_flight)
        self.requests = Lane("requests", requests, metrics.requests_in_flight)
        self.streams = Lane("streams", streams, metrics.streams_in_flight)

    @property
    def taken(self) -> int:
        """How many there are of all kinds."""
        return self.uploads.taken + self.requests.taken + self.streams.taken
