"""A process that calls an upstream with a shared limit as fast as it may: caller.py UPSTREAM REDIS PREFIX RATE."""

import asyncio
import sys

from django.conf import settings

URL, REDIS, PREFIX, RATE = sys.argv[1:]
WORKERS = 8
"""Calls that one process makes at once."""

settings.configure(
    CACHES={
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS,
            "KEY_PREFIX": PREFIX,
        }
    },
    UPSTREAMS={"quotes": {"BASE_URL": URL, "RATE_LIMIT": float(RATE), "SHARED": True, "TIMEOUT": 10}},
)


async def call_forever(quotes):
    while True:
        await quotes.get("random")


async def main():
    from upstreams import Upstream, open_clients

    async with open_clients(), asyncio.TaskGroup() as group:
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        for _ in range(WORKERS):
            group.create_task(call_forever(Upstream("quotes")))


asyncio.run(main())
