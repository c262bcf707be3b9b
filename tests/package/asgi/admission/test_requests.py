"""What this process refuses so that it can serve the rest: too many requests, and those that take too long."""

import asyncio
import json
import threading
import time

import pytest
from asgiref.sync import sync_to_async
from testproject.driver import Client, answer
from upstreams.asgi.concurrency import ConcurrencyLimits
from upstreams.asgi.heads import MAX_HEADERS, MAX_TARGET_SIZE
from upstreams.core import context

from asgi.admission.doubles import Gate, admission, reads


async def test_more_requests_than_allowed_get_a_503_at_once():
    gate = Gate()
    app = admission(gate, ConcurrencyLimits(5, 1, 5))
    first, second = Client(), Client()
    task = asyncio.create_task(first.ask(app))
    await gate.entered.wait()
    assert await second.ask(app) == 503
    assert second.headers[b"retry-after"] == b"1"
    gate.open.set()
    assert await task == 200
    assert await Client().ask(app) == 200


async def test_a_late_view_is_cancelled_and_its_client_gets_a_504():
    gate, client = Gate(), Client()
    assert await client.ask(admission(gate, timeout=0.01)) == 504
    assert gate.ended.is_set()
    assert json.loads(client.body)["detail"] == "the request took too long"


async def test_the_client_of_a_late_sync_view_does_not_wait_for_its_thread():
    go_on = threading.Event()

    async def app(scope, receive, send):
        await sync_to_async(go_on.wait, thread_sensitive=False)()
        await answer(send, b"")

    client = Client()
    task = asyncio.create_task(client.ask(admission(app, timeout=0.01)))
    await client.got.wait()
    assert client.status == 504
    go_on.set()
    await task


async def test_a_view_knows_its_deadline_and_a_stream_has_none():
    gate = Gate(b"a", b"b")
    gate.open.set()
    await Client().ask(admission(gate))
    assert gate.deadlines[0] is not None
    assert gate.deadlines[1] is None
    assert context.deadline.get() is None


async def test_a_stream_outlives_the_deadline_and_leaves_its_place_to_requests():
    gate, client = Gate(b"a", b"b"), Client()
    slots = ConcurrencyLimits(5, 1, 5)
    app = admission(gate, slots, timeout=0.01)
    task = asyncio.create_task(client.ask(app))
    await client.got.wait()
    assert (slots.requests.in_use, slots.streams.in_use) == (0, 1)
    loop = asyncio.get_running_loop()
    passed = asyncio.Event()
    loop.call_later(0.02, passed.set)
    await passed.wait()
    gate.open.set()
    assert await task == 200
    assert client.body == b"ab"
    assert slots.in_use == 0


async def test_more_streams_than_allowed_get_a_503():
    gate, client = Gate(b"a", b"b"), Client()
    assert await client.ask(admission(gate, ConcurrencyLimits(5, 5, 0))) == 503
    assert gate.ended.is_set()


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        ({"headers": [(b"x", b"y")] * (MAX_HEADERS + 1)}, 431),
        ({"headers": [(b"x", b"y")] * MAX_HEADERS}, 200),
        ({"path": "/" + "x" * MAX_TARGET_SIZE}, 414),
        ({"query_string": b"x" * MAX_TARGET_SIZE}, 414),
        (
            {"path": "/\N{GRINNING FACE}", "raw_path": b"/" + b"%F0%9F%98%80" * (MAX_TARGET_SIZE // 12 + 1)},
            414,
        ),
    ],
)
async def test_a_head_has_limits(scope, status):
    assert await Client().ask(admission(reads), **scope) == status


async def test_an_error_of_the_application_stays_one():
    async def app(scope, receive, send):
        raise LookupError("of the view")

    slots = ConcurrencyLimits(5, 5, 5)
    with pytest.raises(LookupError):
        await Client().ask(admission(app, slots))
    assert slots.in_use == 0


async def test_closing_waits_for_requests_that_still_run():
    gate = Gate()
    app = admission(gate)
    async with app.wait_for_requests():
        task = asyncio.create_task(Client().ask(app))
        await gate.entered.wait()
        asyncio.get_running_loop().call_soon(gate.open.set)
    assert gate.ended.is_set()
    await task


async def test_closing_does_not_wait_for_ever(caplog):
    gate = Gate()
    app = admission(gate, drain=0.01)
    async with app.wait_for_requests():
        task = asyncio.create_task(Client().ask(app))
        await gate.entered.wait()
    assert context.drain_ends.get() <= time.monotonic()
    assert "shutdown: 1 requests did not end within CLIENT_DRAIN, 0.01 s" in caplog.text
    gate.open.set()
    await task
