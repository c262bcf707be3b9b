"""What is counted of each upstream (Prometheus)."""

import asyncio
import functools
from time import perf_counter

from prometheus_client import Counter, Gauge, Histogram

from services.core import context
from services.core.errors import Call

ATTEMPTS = Counter("upstream_attempts_total", "Requests sent, retries included", ["alias"])
CALLS = Counter("upstream_calls_total", "Calls by outcome: ok, cancelled or the error", ["alias", "outcome"])
DURATION = Histogram("upstream_call_duration_seconds", "Of a call; of a stream, until its headers", ["alias"])
RETRIES = Counter("upstream_retries_total", "Requests sent again", ["alias"])
QUEUE_WAIT = Histogram(
    "upstream_queue_wait_seconds",
    "Of calls that had to wait for a connection",
    ["alias"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)

# Set by sampling.py. Each worker has policies and a pool of its own: `livesum` adds those of the living up.
RETRY_BUDGET = Gauge(
    "upstream_retry_budget",
    "Retries that may be made at once, in the worker that has least",
    ["alias"],
    multiprocess_mode="livemin",
)
BREAKER_STATE = Gauge(
    "upstream_breaker_state", "Breakers in this state", ["alias", "state"], multiprocess_mode="livesum"
)
QUEUE_WAITING = Gauge(
    "upstream_queue_waiting", "Calls waiting for a connection", ["alias"], multiprocess_mode="livesum"
)
CONNECTIONS = Gauge(
    "upstream_connections", "Open connections", ["alias", "state"], multiprocess_mode="livesum"
)
CONNECTION_AGE = Gauge(
    "upstream_connection_age_seconds", "Of the oldest connection", ["alias"], multiprocess_mode="livemax"
)


class Counted:
    """The counters of one upstream, looked up once: finding one by its labels costs as much as counting.

    Args:
        alias: the key in the settings.
    """

    def __init__(self, alias: str) -> None:
        self.attempts = ATTEMPTS.labels(alias)
        self.retries = RETRIES.labels(alias)
        self.duration = DURATION.labels(alias)
        self.queue_wait = QUEUE_WAIT.labels(alias)
        self.outcome = functools.cache(functools.partial(CALLS.labels, alias))
        self.outcome("ok")  # so that the first failure is seen as an increase of something


of = functools.cache(Counted)


class Counting:
    """Counts a call, from before it is sent until its answer is parsed, by whatever it ends with.

    Args:
        call: the call. Its alias has to be known: each one makes series of its own.
    """

    __slots__ = ("_call", "_started")

    def __init__(self, call: Call) -> None:
        self._call = call

    def __enter__(self) -> None:
        self._started = perf_counter()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        seconds = perf_counter() - self._started
        if (spent := context.spent.get()) is not None:
            spent.calls += 1
            spent.seconds += seconds
        counted = of(self._call.alias)
        counted.duration.observe(seconds)
        if self._call.attempts:
            counted.attempts.inc(self._call.attempts)
        counted.outcome(_outcome(kind)).inc()


def _outcome(kind: type[BaseException] | None) -> str:
    if kind is None:
        return "ok"
    return "cancelled" if issubclass(kind, asyncio.CancelledError) else kind.__name__
