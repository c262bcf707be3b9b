"""A process that spawns a lot of work with queries; prints as JSON what it holds before and after."""

import asyncio
import gc
import json
import os
import threading

import django
from asgiref.sync import sync_to_async
from django.db import connection
from upstreams import spawn, spawn_thread
from upstreams.clients import pools, registry


def query():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


async def held():
    for _ in range(50):
        spawn(sync_to_async(query)())
        spawn_thread(query)
    await registry.clients_by_loop[asyncio.get_running_loop()].background.wait_until_idle()
    gc.collect()
    return {
        "threads": threading.active_count(),
        "tasks": len(asyncio.all_tasks()),
        "descriptors": len(os.listdir("/proc/self/fd")),  # noqa: PTH208 - shorter
    }


async def main():
    async with pools.open_clients():
        batches = [await held() for _ in range(21)]
    print(json.dumps({"after the first": batches[0], "after 1000 of each": batches[-1]}))


if __name__ == "__main__":
    django.setup()
    query()  # a new SQLite file gets its journal mode from the first who opens it, for whom not all others wait
    connection.close()
    asyncio.run(main())
