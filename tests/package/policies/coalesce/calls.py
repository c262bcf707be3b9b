"""Calls that are made at once, and what became of them."""

import asyncio

from prometheus_client import REGISTRY
from testproject.quotes import quotes
from upstreams.clients import registry
from upstreams.policies.base import policies_of
from upstreams.policies.coalesce import Coalesce


def flights():
    client = registry.clients_by_loop[asyncio.get_running_loop()].by_alias["quotes"]
    (policy,) = (one for one in policies_of(client) if isinstance(one, Coalesce))
    return policy._flights


async def callers(number):
    async with asyncio.timeout(10):
        while sum(flight.callers for flight in flights().values()) != number:
            await asyncio.sleep(0)


def start(number=1, **more):
    return [asyncio.create_task(quotes.get("random", **more)) for _ in range(number)]


def counted(name):
    return REGISTRY.get_sample_value(name, {"alias": "quotes"}) or 0
