"""Waits for what a test cannot be told of."""

import asyncio


async def until(holds):
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - it happens in another thread, or inside the wire
            await asyncio.sleep(0.001)


def only_connection(wire):
    (pooled,) = wire.pool._open
    return pooled.connection
