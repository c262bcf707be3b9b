import asyncio
from contextlib import AsyncExitStack

import pytest

from services.core.definitions import Definition
from services.core.errors import Call
from services.core.http import Request
from services.core.wire import Wire


@pytest.fixture
async def make_wire(loopback):
    """A wire to `loopback`; it is closed after the test."""
    async with AsyncExitStack() as stack:

        def make_wire(**keys):
            wire = Wire(Definition.model_validate({"ALIAS": "tested", "BASE_URL": loopback.url, **keys}))
            stack.push_async_callback(wire.aclose)
            return wire

        yield make_wire


@pytest.fixture
async def wire(make_wire):
    return make_wire()


@pytest.fixture
def send(loopback):
    """Sends a request as the policies do; the answer is not read."""

    async def send(wire, path="/x", method="GET", *, stream=False, url=None, body=None, **more):
        call = Call("tested", method, path, stream=stream)
        if body is not None:
            more["stream"] = body
        request = Request(method, (url or loopback.url) + path, extensions={"call": call}, **more)
        async with asyncio.timeout(10):
            return await wire.handle_async_request(request)

    return send


@pytest.fixture
def ask(send):
    """Sends a request, and reads the answer."""

    async def ask(*where, **more):
        response = await send(*where, **more)
        try:
            async with asyncio.timeout(10):
                return b"".join([chunk async for chunk in response.stream])
        finally:
            await response.stream.aclose()

    return ask
