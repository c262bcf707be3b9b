"""Waits for what a test gets no event of."""

import asyncio


async def until(holds):
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.001)


def only_connection(transport):
    (pooled,) = transport.pool._open
    return pooled.connection
