"""What these tests look at."""

import asyncio

from testproject.driver import Client
from upstreams.asgi import metrics

HOST = {"headers": [(b"host", b"testserver")]}
LOGGER = "upstreams.asgi.stuck_requests"


async def logged(caplog, words, times=1):
    async with asyncio.timeout(30):
        while caplog.text.count(words) < times:
            await asyncio.sleep(0.01)


async def readiness(application):
    client = Client()
    return await client.ask(application, path="/readyz"), client.body.decode()


def stuck():
    return metrics.requests_stuck._value.get()
