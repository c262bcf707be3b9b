"""Callers in another event loop, and connections that end."""

import asyncio
import concurrent.futures
import threading


async def elsewhere(function):
    """Run a coroutine function in a loop of another thread, of which nothing is left."""
    done = concurrent.futures.Future()

    def run():
        try:
            done.set_result(asyncio.run(function()))
        except BaseException as error:  # noqa: BLE001 - raised in the test
            done.set_exception(error)

    thread = threading.Thread(target=run)
    thread.start()
    await asyncio.to_thread(thread.join)
    return done.result()


async def is_left(loopback):
    async with asyncio.timeout(20):
        await loopback.all_closed()
