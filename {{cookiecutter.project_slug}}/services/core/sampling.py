"""Reads, once a second, what the clients of the running loop hold, and sets the gauges of metrics.py.

prometheus_client can ask for values at the moment of a scrape only in a service of one process.
"""

import asyncio
import math
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.core import metrics
from services.core.connections import owned
from services.core.http import Transport
from services.core.policies.breaker import STATES, Breaker, State
from services.core.policies.layer import layers
from services.core.policies.queue import Queue
from services.core.policies.retry import Retry
from services.core.wire import Wire

INTERVAL = 1.0


@dataclass
class Reading:
    """What one client held at one moment."""

    budget: float = math.inf
    breaker: State = "closed"
    waiting: int = 0
    in_use: int = 0
    idle: int = 0
    age: float = 0.0


# A process may have several loops, each with clients of its own, and has one set of gauges.
_readings: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Reading]] = (
    weakref.WeakKeyDictionary()
)


@asynccontextmanager
async def sampled() -> AsyncIterator[None]:
    """Sample inside the block. Around `connections.opened`, so that what has closed is seen as closed."""
    task = asyncio.create_task(_sample_for_ever())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        sample()


async def _sample_for_ever() -> None:
    while True:
        sample()
        await asyncio.sleep(INTERVAL)


def sample() -> None:
    """Read the clients of the running loop now."""
    loop = asyncio.get_running_loop()
    before = _readings.get(loop, {})
    connections = owned.get(loop)
    clients = {} if connections is None else connections.clients
    _readings[loop] = {alias: _read(client) for alias, client in clients.items()}
    for alias in before.keys() | clients.keys():
        _set(alias, [found[alias] for found in tuple(_readings.values()) if alias in found])


def _read(client: Transport) -> Reading:
    reading = Reading()
    for layer in layers(client):
        match layer:
            case Retry():
                reading.budget = layer.budget_left
            case Breaker():
                reading.breaker = layer.state
            case Queue():
                reading.waiting = layer.waiting
            case Wire():
                reading.in_use, reading.idle, reading.age = layer.pool.counts
    return reading


def _set(alias: str, readings: list[Reading]) -> None:
    metrics.RETRY_BUDGET.labels(alias).set(min((reading.budget for reading in readings), default=0))
    metrics.QUEUE_WAITING.labels(alias).set(sum(reading.waiting for reading in readings))
    for state in STATES:
        metrics.BREAKER_STATE.labels(alias, state).set([reading.breaker for reading in readings].count(state))
    metrics.CONNECTIONS.labels(alias, "in_use").set(sum(reading.in_use for reading in readings))
    metrics.CONNECTIONS.labels(alias, "idle").set(sum(reading.idle for reading in readings))
    metrics.CONNECTION_AGE.labels(alias).set(max((reading.age for reading in readings), default=0))
