"""What is counted of requests (Prometheus). No label holds what a client wrote: each value makes a series."""

import functools

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

from services.core.traces import METHODS

disable_created_metrics()  # several workers cannot export them, so one does not either

REQUESTS = Counter("http_requests_total", "Requests that have ended", ["method", "route", "status"])
DURATION = Histogram("http_request_duration_seconds", "Until the answer was sent", ["route"])
SHED = Counter("http_requests_shed_total", "Requests refused because there were too many", ["reason"])
LOOP_LAG = Histogram(
    "event_loop_lag_seconds",
    "How much later than due the event loop ran a timer",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
uploads_in_flight = Gauge(
    "http_uploads_in_flight", "Requests whose body is arriving", multiprocess_mode="livesum"
)
requests_in_flight = Gauge("http_requests_in_flight", "Requests being answered", multiprocess_mode="livesum")
streams_in_flight = Gauge(
    "http_streams_in_flight", "Streamed answers being sent", multiprocess_mode="livesum"
)

# Finding a series by its labels costs as much as counting.
_requests = functools.cache(REQUESTS.labels)
_duration = functools.cache(DURATION.labels)
_shed = functools.cache(SHED.labels)

loop_lag = LOOP_LAG.observe
"""Note, in seconds, how late the loop was."""


def request_ended(method: str, route: str, status: int, seconds: float) -> None:
    """Count a request.

    Args:
        method: as the client wrote it.
        route: the template of its URL; empty if there is none.
        status: of the answer; 499 if the client left before there was one.
        seconds: from its arrival until the answer was sent.
    """
    method = method if method in METHODS else "OTHER"
    route = route or "(none)"
    _requests(method, route, status).inc()
    _duration(route).observe(seconds)


def shed(reason: str) -> None:
    """Count a request that was refused.

    Args:
        reason: one of a few words.
    """
    _shed(reason).inc()
