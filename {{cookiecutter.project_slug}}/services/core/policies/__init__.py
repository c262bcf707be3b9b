"""The policies, in the order in which a request passes them. Each is a transport, readable alone."""

from services.core import traces
from services.core.auth import Authorize
from services.core.body import Body
from services.core.definitions import Definition
from services.core.http import Transport
from services.core.policies.attempt import Attempt
from services.core.policies.breaker import Breaker
from services.core.policies.cache import Cache
from services.core.policies.deadline import Deadline, InFlight
from services.core.policies.queue import Queue
from services.core.policies.rate import Rate
from services.core.policies.retry import Retry


def around(wire: Transport, key: Definition, in_flight: InFlight) -> Transport:
    """The client of an upstream: its policies around its wire.

    A call that backs off holds no place in the queue, an open breaker fails before the queue, and all
    waiting counts against the deadline.
    """
    client: Transport = Body(wire, key.max_body)
    if key.auth is not None:
        client = Authorize(client, key.auth)
    client = Attempt(client, key.attempt, key.deadline_header)
    if traces.is_on():
        from services.core.policies.traced import Traced  # it reads the environment as it is imported

        client = Traced(client, key)  # around Attempt: only there its timeout has a name
    waiting = 2 * key.max_connections if key.max_waiting is None else key.max_waiting
    client = Queue(client, key.max_connections, waiting, key.max_wait)
    if key.rate is not None:
        client = Rate(client, key.rate)
    client = Breaker(client, key.breaker, key.breaker_calls, key.breaker_window, key.breaker_open)
    client = Retry(client, key.attempts, key.backoff, key.max_backoff, key.retry_budget)
    if key.cache:
        client = Cache(client, key.max_body)
    return Deadline(client, key.total, key.idle, in_flight)
