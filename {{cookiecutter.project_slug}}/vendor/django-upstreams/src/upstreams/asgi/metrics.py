"""Metrics of requests (Prometheus). No label holds text from a client, because each value creates a time series."""

import functools

from prometheus_client import Counter, Gauge, Histogram

from upstreams.core.recording import incrementing, observing
from upstreams.core.tracing import METHODS

REQUESTS = Counter("http_requests_total", "Requests that have ended", ["method", "route", "status"])
DURATION = Histogram("http_request_duration_seconds", "Until the response was sent", ["route"])
REJECTED = Counter("http_requests_rejected_total", "Requests refused by a concurrency limit", ["reason"])
LOOP_LAG = Histogram(
    "event_loop_lag_seconds",
    "Delay of a timer of the event loop",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
uploads_in_flight = Gauge(
    "http_uploads_in_flight", "Requests whose body is arriving", multiprocess_mode="livesum"
)
requests_in_flight = Gauge("http_requests_in_flight", "Requests being handled", multiprocess_mode="livesum")
requests_stuck = Gauge(
    "http_requests_stuck", "Requests that run on after their deadline", multiprocess_mode="livesum"
)
streams_in_flight = Gauge(
    "http_streams_in_flight", "Streamed responses being sent", multiprocess_mode="livesum"
)

# A look-up by labels costs as much as counting.
_requests = functools.cache(lambda *labels: incrementing(REQUESTS.labels(*labels)))
_duration = functools.cache(lambda route: observing(DURATION.labels(route)))
_rejected = functools.cache(REJECTED.labels)

loop_lag = LOOP_LAG.observe
"""Record by how many seconds the event loop was late."""


def request_ended(method: str, route: str, status: int, seconds: float) -> None:
    """Count a request that has ended.

    Args:
        method: as sent by the client.
        route: the URL pattern; empty if none matched.
        status: of the response; 499 if the client disconnected before it began.
        seconds: from the arrival of the request until the response was sent.
    """
    method = method if method in METHODS else "OTHER"
    route = route or "(none)"
    _requests(method, route, status)(1)
    _duration(route)(seconds)


def rejected(reason: str) -> None:
    """Count a refused request.

    Args:
        reason: of low cardinality.
    """
    _rejected(reason).inc()
