"""Waits for what a call does."""

import asyncio


async def until(is_so):
    async with asyncio.timeout(5):
        while not is_so():
            await asyncio.sleep(0)
