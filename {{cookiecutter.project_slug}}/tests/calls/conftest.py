import asyncio

import pytest

from services.core import connections

straight = connections.send


async def handed_over(request):
    """As from a task or a command with an event loop of its own."""
    return await asyncio.to_thread(lambda: asyncio.run(straight(request)))


@pytest.fixture(params=[straight, handed_over], ids=["straight", "handed over"])
def way(request, monkeypatch):
    """How a request gets to the policies: in the loop that owns the connections, and from another one."""
    monkeypatch.setattr(connections, "send", request.param)
