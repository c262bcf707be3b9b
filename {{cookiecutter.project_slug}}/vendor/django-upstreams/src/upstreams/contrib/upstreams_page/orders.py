"""What the buttons of the page do: in this process, and in all workers."""

import asyncio
import logging
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_noop

from upstreams.clients import registry
from upstreams.clients.loop_clients import Clients
from upstreams.clients.upstream import Upstream
from upstreams.contrib.upstreams_page import siblings
from upstreams.contrib.upstreams_page.questions import Order, Outcome
from upstreams.core.httpx import Transport
from upstreams.policies.base import policies_of
from upstreams.policies.circuit_breaker import CircuitBreaker
from upstreams.transport.base import PooledTransport

logger = logging.getLogger(__name__)

PROBE_TIMEOUT = 8.0
"""Seconds that a health check has: less than a request."""
ORDER_TIMEOUT = PROBE_TIMEOUT + 1
"""Seconds that another worker has."""


async def give(order: Order) -> dict[int, Outcome]:
    """Carry out an order in all workers; return the outcome of each by its process id."""
    mine = os.getpid()
    paths = {pid: path for pid, path in siblings.paths().items() if pid != mine}
    outcomes = await asyncio.gather(obey(order), *(_pass_on(order, path) for path in paths.values()))
    found = zip((mine, *paths), outcomes, strict=True)
    return {pid: outcome for pid, outcome in found if outcome is not None}


async def _pass_on(order: Order, path: Path) -> Outcome | None:
    try:
        return await siblings.ask(path, order, Outcome, ORDER_TIMEOUT)
    except (ConnectionRefusedError, FileNotFoundError):
        return None  # it has ended
    except (OSError, ValueError):
        return Outcome(gettext_noop("it does not respond"))


async def obey(order: Order) -> Outcome:
    """Carry out an order in each event loop of this process that has open clients."""
    owners = [one for one in registry.open_owners() if order.alias in one[0].by_alias and one[1].is_running()]
    if not owners:
        return Outcome(gettext_noop("it has no open client of this upstream"))
    outcomes = await asyncio.gather(
        *(_in_loop(_obey(order, clients), loop) for clients, loop in owners), return_exceptions=True
    )
    problems = [str(one) or type(one).__name__ for one in outcomes if isinstance(one, BaseException)]
    problems += [one for one in outcomes if isinstance(one, str) and one]
    logger.warning("upstream %s: %s: %s", order.alias, order.command, problems[0] if problems else order.why)
    return Outcome(problems[0] if problems else "")


async def _in_loop(work: Coroutine[Any, Any, str], loop: asyncio.AbstractEventLoop) -> str:
    if loop is asyncio.get_running_loop():
        return await work
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))


async def _obey(order: Order, clients: Clients) -> str:
    """Carry out an order in the running loop, and return what went wrong."""
    client = clients.by_alias[order.alias]
    match order.command:
        case "open":
            _breaker(client).force_open(order.why)
        case "reset":
            _breaker(client).reset(order.why)
        case "drain":
            for one in policies_of(client):
                if isinstance(one, PooledTransport):
                    one.renew()
        case "probe":
            return await _probe(order.alias, _breaker(client))
    return ""


async def _probe(alias: str, breaker: CircuitBreaker) -> str:
    breaker.allow_probe()  # so that an open breaker does not refuse it
    upstream = registry.upstreams.get(alias) or Upstream(alias)
    try:
        async with asyncio.timeout(PROBE_TIMEOUT):
            await upstream.health_check()
    except Exception as error:  # noqa: BLE001 - any error means that it cannot be used
        # Without its message, which may hold anything: the check is the team's.
        return type(error).__name__
    return ""


def _breaker(client: Transport) -> CircuitBreaker:
    (breaker,) = (one for one in policies_of(client) if isinstance(one, CircuitBreaker))
    return breaker
