import asyncio

import pytest
from upstreams.clients import pools

in_the_loop = pools.send


async def handed_over(request):
    """Send as from a task or a command that has an event loop of its own."""
    return await asyncio.to_thread(lambda: asyncio.run(in_the_loop(request)))


@pytest.fixture(params=[in_the_loop, handed_over], ids=["in the loop", "handed over"])
def way(request, monkeypatch):
    """How a request gets to the policies: in the loop that owns the clients, and from another loop."""
    monkeypatch.setattr(pools, "send", request.param)
