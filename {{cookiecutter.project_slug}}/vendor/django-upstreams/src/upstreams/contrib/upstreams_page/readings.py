"""What a worker process knows of its upstreams, as it sends it to the others."""

import os
import time

from msgspec import Struct, field

from upstreams.clients import metrics_sampler, registry
from upstreams.clients.states import HEALTHS, Health, health_of
from upstreams.contrib.upstreams_page.counters import Counters, Sample, Samples
from upstreams.core import failed_calls
from upstreams.core.definition import configured
from upstreams.core.failed_calls import FailedCall
from upstreams.core.httpx import Transport
from upstreams.policies.base import policies_of
from upstreams.policies.circuit_breaker import STATES, CircuitBreaker, State
from upstreams.policies.rate_limit import RateLimit

STARTED = time.time()


class Reading(Struct):
    """The state of one upstream in one process; of several event loops together, if it has some.

    Args:
        health: as `clients.states` has it.
        breaker: the worst state of a circuit breaker.
        is_forced_open: whether an operator holds a circuit breaker open.
        changed_at: when a breaker last opened or closed, in seconds of `time.time()`; 0 if it never did.
        changed_why: why it did.
        waiting: calls in the queue.
        in_use: connections that carry requests.
        idle: connections that are kept for others.
        age: of the oldest connection, in seconds.
        budget: retries allowed at once; None without a client.
        turn: seconds that a call would wait for its turn; None without a rate limit of this process alone.
    """

    health: Health = "unknown"
    breaker: State = "closed"
    is_forced_open: bool = False
    changed_at: float = 0.0
    changed_why: str = ""
    waiting: int = 0
    in_use: int = 0
    idle: int = 0
    age: float = 0.0
    budget: float | None = None
    turn: float | None = None


class WorkerState(Struct):
    """The state of a process.

    Args:
        pid: its id.
        started: when it started, in seconds of `time.time()`.
        now: of its clock.
        readings: by alias.
        counters: by alias, since the process started.
        samples: counters of earlier.
        failed: the last failed calls, by alias.
    """

    pid: int
    started: float
    now: float
    readings: dict[str, Reading]
    counters: dict[str, Counters]
    samples: list[Sample] = field(default_factory=list)
    failed: dict[str, list[FailedCall]] = field(default_factory=dict)


samples = Samples()


def read(since: float = 0.0) -> WorkerState:
    """Return the state of this process, with the samples and the failed calls after a time."""
    now, counted = samples.take()
    readings = {alias: Reading() for alias in configured()}
    for clients in registry.all_clients():
        for alias, client in tuple(clients.by_alias.items()):
            if alias in readings:
                _add(readings[alias], client)
    kept = failed_calls.kept.by_alias if failed_calls.kept is not None else {}
    failed = {  # other threads add to them meanwhile
        alias: [call for call in tuple(calls) if since < call.at <= now]
        for alias, calls in tuple(kept.items())
    }
    return WorkerState(
        pid=os.getpid(),
        started=STARTED,
        now=now,
        readings=readings,
        counters=counted,
        samples=[sample for sample in samples.kept if sample.at > since],
        failed={alias: calls for alias, calls in failed.items() if calls},
    )


def _add(reading: Reading, client: Transport) -> None:
    """Add a client to the reading of its upstream; a process may have several event loops, each with its own."""
    found = metrics_sampler.read(client)
    reading.health = min(reading.health, health_of(client), key=HEALTHS.index)
    reading.breaker = max(reading.breaker, found.breaker, key=STATES.index)
    reading.waiting += found.waiting
    reading.in_use += found.in_use
    reading.idle += found.idle
    reading.age = max(reading.age, found.age)
    reading.budget = found.budget if reading.budget is None else min(reading.budget, found.budget)
    for policy in policies_of(client):
        match policy:
            case CircuitBreaker():
                reading.is_forced_open |= policy.is_forced_open
                if policy.last_change is not None and policy.last_change.at > reading.changed_at:
                    reading.changed_at, reading.changed_why = policy.last_change
            case RateLimit():
                reading.turn = max(reading.turn or 0.0, policy.wait)
