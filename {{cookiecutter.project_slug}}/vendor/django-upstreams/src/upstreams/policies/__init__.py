"""The policies around an upstream's transport, in the order in which a request passes them."""

from django.conf import settings

from upstreams import conf
from upstreams.core import tracing
from upstreams.core.definition import Definition
from upstreams.core.httpx import Transport
from upstreams.policies.attempt_timeout import AttemptTimeout
from upstreams.policies.auth import Authentication
from upstreams.policies.base import Policy, policies_of
from upstreams.policies.bulkhead import OF_STREAMS, Bulkhead, Slots
from upstreams.policies.cache import Cache, Spawn
from upstreams.policies.call_traces import TraceAttempt, TraceBody, TraceCall, TraceWait
from upstreams.policies.circuit_breaker import CircuitBreaker
from upstreams.policies.coalesce import Coalesce
from upstreams.policies.deadline import Deadline, InFlight
from upstreams.policies.decoding import Decoding
from upstreams.policies.rate_limit import RateLimit
from upstreams.policies.redis_server import RedisServer
from upstreams.policies.retry import Retry
from upstreams.policies.shared_rate_limit import SharedRateLimit
from upstreams.policies.staleness import Windows


def build_policies(
    transport: Transport,
    definition: Definition,
    in_flight: InFlight,
    shared: RedisServer | None = None,
    spawn: Spawn | None = None,
) -> Transport:
    """Return the client of an upstream: its transport, wrapped in the policies of its definition.

    The order, outermost last: a call holds no connection while it backs off, an open breaker fails before the
    queue, and all waiting counts against the deadline.

    Args:
        transport: of the upstream.
        definition: of the upstream.
        in_flight: the calls of the event loop.
        shared: what all processes share, for an upstream with `SHARED`.
        spawn: runs a coroutine in the background, by its name.
    """
    if settings.DEBUG:
        transport = TraceBody(transport)
    client: Transport = Decoding(transport, definition.max_response_size)
    if definition.auth is not None or definition.headers.changing:
        client = Authentication(client, definition)
    if definition.attempt_timeout is not None or definition.deadline_header is not None:
        client = AttemptTimeout(client, definition.attempt_timeout, definition.deadline_header)
    if tracing.is_on():
        from upstreams.policies.client_spans import ClientSpans  # it reads the environment at import

        client = ClientSpans(client, definition)  # outside AttemptTimeout, to record its error
    if settings.DEBUG:
        client = TraceAttempt(client)
    queue = definition.queue_size, definition.queue_timeout
    calls = Slots(definition.max_connections, *queue)
    streams = Slots(definition.max_streams or definition.max_connections, *queue, OF_STREAMS)
    client = Bulkhead(client, calls, streams)
    if settings.DEBUG:
        client = TraceWait(client, "queue")
    if definition.rate_limit is not None:
        client = _rate_limit(client, definition.rate_limit, definition.alias, shared)
    client = CircuitBreaker(
        client,
        definition.breaker_failure_ratio,
        definition.breaker_minimum_calls,
        definition.breaker_window,
        definition.breaker_connect_failures,
        definition.breaker_open_time,
        definition.breaker_max_open_time,
    )
    client = Retry(
        client, definition.max_attempts, definition.backoff, definition.max_backoff, definition.retry_budget
    )
    if definition.cache:
        client = _cache(client, definition, shared, spawn)
    if definition.coalesce:
        client = Coalesce(client)
    client = Deadline(client, definition.timeout, definition.stream_idle_timeout, in_flight)
    return TraceCall(client) if settings.DEBUG else client


def _rate_limit(inner: Transport, rate: float, alias: str, shared: RedisServer | None) -> Transport:
    if shared is None:
        client: Transport = RateLimit(inner, rate)
    else:
        processes = conf.current().workers * conf.current().replicas
        client = SharedRateLimit(inner, rate, alias, shared, processes)
    return TraceWait(client, "rate limit") if settings.DEBUG else client


def _cache(
    inner: Transport, definition: Definition, shared: RedisServer | None, spawn: Spawn | None
) -> Transport:
    # Both need an extra.
    from upstreams.policies.cache_store import MemoryStore, Store

    defaults = Windows(definition.cache_stale_if_error or 0.0, definition.cache_stale_while_revalidate or 0.0)
    if shared is None:
        store: Store = MemoryStore(definition.max_response_size)
    else:
        from upstreams.policies.redis_store import RedisStore

        store = RedisStore(shared, definition.alias, definition.max_response_size, defaults)
    credentials = any((definition.auth, definition.headers.changing, definition.cert))
    return Cache(inner, store, spawn, definition.timeout, defaults, credentials=credentials)


def add_authentication(client: Transport, definition: Definition) -> None:
    """Give a client the policy that adds credentials, for a tenant's first call, if its upstream has none of its own.

    A client without it costs a call nothing.
    """
    for policy in policies_of(client):
        if isinstance(policy, Authentication):
            return
        if isinstance(policy, Policy) and isinstance(policy._inner, Decoding):
            policy._inner = Authentication(policy._inner, definition)
            return
