"""What a streamed response over a sync iterator holds: the request's connection, and no cycle."""

import asyncio
import gc
import weakref
from io import BytesIO

import pytest
from django.contrib.auth.models import User
from django.http import FileResponse
from testproject.driver import Client
from upstreams.fastpath.iterate_in_thread import READ_SIZE

from asgi.both_handlers import app
from asgi.sync_iterators import HOST, SlowClient, urls

__all__ = ["app", "urls"]


async def test_rows_are_read_with_the_connection_of_the_request(app, async_db):
    names = [f"user{number}" for number in range(3)]
    await User.objects.abulk_create(User(username=name) for name in names)
    client, users = Client(), User.objects.order_by("username").iterator(chunk_size=1)
    content = (user.username for user in users)
    assert await client.ask(app, path="/async-stream", content=content, **HOST) == 200
    assert client.body.decode() == "".join(names)


@pytest.mark.parametrize("app", ["fast path"], indirect=True)  # Django's handler makes a cycle of its own
async def test_no_cycle_keeps_a_file_whose_client_left(app):
    client, responses = SlowClient(), [FileResponse(BytesIO(bytes(READ_SIZE * 10)))]
    gone = weakref.ref(responses[0])
    gc.disable()
    try:
        asking = asyncio.create_task(client.ask(app, path="/response", responses=responses, **HOST))
        await client.waits.wait()
        client.left.set()
        await asking
        async with asyncio.timeout(10):  # the thread lets go of its last work a moment after it is done
            while gone() is not None:
                await asyncio.sleep(0.001)
    finally:
        gc.enable()
