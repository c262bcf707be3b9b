"""Samples the clients of the running loop once a second, and sets the gauges of core/metrics.py.

prometheus_client can read values at the moment of a scrape only in a service with one process.
"""

import asyncio
import math
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from upstreams.clients.registry import clients_by_loop
from upstreams.core import metrics
from upstreams.core.httpx import Transport
from upstreams.policies.base import policies_of
from upstreams.policies.bulkhead import Bulkhead
from upstreams.policies.circuit_breaker import STATES, CircuitBreaker, State
from upstreams.policies.retry import Retry
from upstreams.transport.base import PooledTransport

SAMPLE_INTERVAL = 1.0
"""Seconds."""


@dataclass
class Reading:
    """The state of one client at one moment."""

    budget: float = math.inf
    breaker: State = "closed"
    waiting: int = 0
    in_use: int = 0
    idle: int = 0
    age: float = 0.0


# A process may have several loops, each with its own clients, but it has one set of gauges.
_readings: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Reading]] = (
    weakref.WeakKeyDictionary()
)


@asynccontextmanager
async def sample_metrics() -> AsyncIterator[None]:
    """Sample for the duration of the block, which contains `open_clients`, so that closed clients are seen as closed."""
    task = asyncio.create_task(_sample_forever())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        sample()


async def _sample_forever() -> None:
    while True:
        sample()
        await asyncio.sleep(SAMPLE_INTERVAL)


def sample() -> None:
    """Sample the clients of the running loop now."""
    loop = asyncio.get_running_loop()
    before = _readings.get(loop, {})
    owner = clients_by_loop.get(loop)
    clients = {} if owner is None else owner.by_alias
    _readings[loop] = {alias: read(client) for alias, client in clients.items()}
    for alias in before.keys() | clients.keys():
        _set(alias, [found[alias] for found in tuple(_readings.values()) if alias in found])


def read(client: Transport) -> Reading:
    """Read the state of one client."""
    reading = Reading()
    for policy in policies_of(client):
        match policy:
            case Retry():
                reading.budget = policy.budget_left
            case CircuitBreaker():
                reading.breaker = policy.state
            case Bulkhead():
                reading.waiting = policy.waiting
            case PooledTransport():
                reading.in_use, reading.idle, reading.age = policy.counts
    return reading


def _set(alias: str, readings: list[Reading]) -> None:
    metrics.RETRY_BUDGET.labels(alias).set(min((reading.budget for reading in readings), default=0))
    metrics.QUEUE_WAITING.labels(alias).set(sum(reading.waiting for reading in readings))
    for state in STATES:
        metrics.BREAKER_STATE.labels(alias, state).set([reading.breaker for reading in readings].count(state))
    metrics.CONNECTIONS.labels(alias, "in_use").set(sum(reading.in_use for reading in readings))
    metrics.CONNECTIONS.labels(alias, "idle").set(sum(reading.idle for reading in readings))
    metrics.CONNECTION_AGE.labels(alias).set(max((reading.age for reading in readings), default=0))
