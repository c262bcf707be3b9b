"""Metrics of upstream calls (Prometheus)."""

import asyncio
import functools
from time import perf_counter

from prometheus_client import Counter, Gauge, Histogram

from upstreams.core import context, failed_calls
from upstreams.core.call import Call
from upstreams.core.errors import UpstreamError
from upstreams.core.recording import incrementing, observing

ATTEMPTS = Counter("upstream_attempts_total", "Requests sent, including retries", ["alias"])
CALLS = Counter(
    "upstream_calls_total", "Calls by outcome: ok, cancelled, or the class of the error", ["alias", "outcome"]
)
DURATION = Histogram(
    "upstream_call_duration_seconds", "Duration of a call; of a stream, until its headers", ["alias"]
)
COALESCED = Counter(
    "upstream_coalesced_total", "Calls that waited for an identical one instead of being sent", ["alias"]
)
CACHED = Counter(
    "upstream_cache_responses_total",
    "Responses of the cache by outcome: hit, revalidated, miss, stale",
    ["alias", "outcome"],
)
RETRIES = Counter("upstream_retries_total", "Retries", ["alias"])
QUEUE_WAIT = Histogram(
    "upstream_queue_wait_seconds",
    "Wait for a connection, of calls that had to wait",
    ["alias"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)

# Set by clients/metrics_sampler.py. Each worker has policies and a pool of its own: `livesum` adds up the live ones.
RETRY_BUDGET = Gauge(
    "upstream_retry_budget",
    "Retries allowed at once, in the worker with the fewest",
    ["alias"],
    multiprocess_mode="livemin",
)
BREAKER_STATE = Gauge(
    "upstream_breaker_state",
    "Circuit breakers in this state",
    ["alias", "state"],
    multiprocess_mode="livesum",
)
QUEUE_WAITING = Gauge(
    "upstream_queue_waiting", "Calls waiting for a connection", ["alias"], multiprocess_mode="livesum"
)
CONNECTIONS = Gauge(
    "upstream_connections", "Open connections", ["alias", "state"], multiprocess_mode="livesum"
)
CONNECTION_AGE = Gauge(
    "upstream_connection_age_seconds", "Age of the oldest connection", ["alias"], multiprocess_mode="livemax"
)


class UpstreamMetrics:
    """The counters of one upstream, looked up once: a look-up by labels costs as much as counting.

    Args:
        alias: the upstream's key in `settings.UPSTREAMS`.
    """

    def __init__(self, alias: str) -> None:
        self.add_attempts = incrementing(ATTEMPTS.labels(alias))
        self.cached = functools.cache(functools.partial(CACHED.labels, alias))
        self.coalesced = COALESCED.labels(alias)
        self.retries = RETRIES.labels(alias)
        self.observe_duration = observing(DURATION.labels(alias))
        self.queue_wait = QUEUE_WAIT.labels(alias)
        self.add_calls = functools.cache(lambda outcome: incrementing(CALLS.labels(alias, outcome)))
        self.add_calls("ok")  # creates the series, so that the first increase is visible to Prometheus


of = functools.cache(UpstreamMetrics)


class CallMetrics:
    """Measures a call, from before it is sent until its response is parsed, and counts its outcome.

    Args:
        call: the call. Its alias must be in the settings, because each alias creates time series.
    """

    __slots__ = ("_call",)

    def __init__(self, call: Call) -> None:
        self._call = call

    def __enter__(self) -> None:
        self._call.began = perf_counter()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, *_: object) -> None:
        seconds = perf_counter() - self._call.began
        if (call_stats := context.call_stats.get()) is not None:
            call_stats.calls += 1
            call_stats.seconds += seconds
        found = of(self._call.alias)
        found.observe_duration(seconds)
        if self._call.attempts and not self._call.joined:
            found.add_attempts(self._call.attempts)
        found.add_calls(_outcome(kind))(1)
        if error is not None and failed_calls.kept is not None:
            failed_calls.kept.add(self._call, error, seconds)
        if self._call.trace is not None and not (error is None and self._call.stream):
            self._call.trace.end(error, str(error) if isinstance(error, UpstreamError) else "")


def _outcome(kind: type[BaseException] | None) -> str:
    if kind is None:
        return "ok"
    return "cancelled" if issubclass(kind, asyncio.CancelledError) else kind.__name__
