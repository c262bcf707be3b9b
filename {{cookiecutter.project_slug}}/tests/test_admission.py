"""What this process refuses so that it can serve the rest: too many, too late, too large, too slow."""

import asyncio
import json
import threading

import pytest
from asgiref.sync import sync_to_async

from server.admission import Admission
from server.exchange import HEADERS, TARGET, Limits
from server.lanes import Lanes
from services.core import context
from tests.asgi import Client, answer

POST = {"method": "POST", "headers": [(b"transfer-encoding", b"chunked")]}


def admission(app, lanes=None, drain=60, **limits):
    usual = {"seconds": 60, "body": 10, "body_seconds": 60}
    return Admission(app, lanes or Lanes(5, 5, 5), Limits(**{**usual, **limits}), drain)


class Gate:
    """An application that answers when it is let through."""

    def __init__(self, *parts):
        self.open = asyncio.Event()
        self.entered = asyncio.Event()
        self.ended = asyncio.Event()
        self.deadlines = []
        self._parts = parts or (b"done",)

    async def __call__(self, scope, receive, send):
        self.entered.set()
        self.deadlines.append(context.deadline.get())
        try:
            if len(self._parts) > 1:
                await send({"type": "http.response.start", "status": 200, "headers": []})
                await send({"type": "http.response.body", "body": self._parts[0], "more_body": True})
                self.deadlines.append(context.deadline.get())
                await self.open.wait()
                await send({"type": "http.response.body", "body": self._parts[1]})
            else:
                await self.open.wait()
                await answer(send, *self._parts)
        finally:
            self.ended.set()


async def test_more_requests_than_allowed_get_a_503_at_once():
    gate = Gate()
    app = admission(gate, Lanes(5, 1, 5))
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
    assert await client.ask(admission(gate, seconds=0.01)) == 504
    assert gate.ended.is_set()
    assert json.loads(client.body)["detail"] == "the request took too long"


async def test_the_client_of_a_late_sync_view_does_not_wait_for_its_thread():
    go_on = threading.Event()

    async def app(scope, receive, send):
        await sync_to_async(go_on.wait, thread_sensitive=False)()
        await answer(send, b"")

    client = Client()
    task = asyncio.create_task(client.ask(admission(app, seconds=0.01)))
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
    lanes = Lanes(5, 1, 5)
    app = admission(gate, lanes, seconds=0.01)
    task = asyncio.create_task(client.ask(app))
    await client.got.wait()
    assert (lanes.requests.taken, lanes.streams.taken) == (0, 1)
    loop = asyncio.get_running_loop()
    passed = asyncio.Event()
    loop.call_later(0.02, passed.set)
    await passed.wait()
    gate.open.set()
    assert await task == 200
    assert client.body == b"ab"
    assert lanes.taken == 0


async def test_more_streams_than_allowed_get_a_503():
    gate, client = Gate(b"a", b"b"), Client()
    assert await client.ask(admission(gate, Lanes(5, 5, 0))) == 503
    assert gate.ended.is_set()


def chunks(*bodies):
    messages = [{"type": "http.request", "body": body, "more_body": True} for body in bodies]
    return [*messages, {"type": "http.request"}]


async def reads(scope, receive, send):
    while (message := await receive())["type"] == "http.request" and message.get("more_body"):
        pass
    if message["type"] == "http.request":
        await answer(send, b"read")


@pytest.mark.parametrize(("bodies", "status"), [([b"12345", b"67890"], 200), ([b"12345", b"678901"], 413)])
async def test_a_body_is_counted_as_it_arrives(bodies, status):
    assert await Client(*chunks(*bodies)).ask(admission(reads), **POST) == status


async def test_a_body_that_says_it_is_too_large_never_reaches_the_application():
    gate = Gate()
    headers = [(b"content-length", b"11")]
    assert await Client().ask(admission(gate), method="POST", headers=headers) == 413
    assert not gate.entered.is_set()


async def test_a_body_that_is_refused_is_taken_in_so_that_the_client_sees_why():
    client = Client(*chunks(b"x" * 11, b"y", b"z"))
    await client.ask(admission(reads), **POST)
    assert client.inbox == []
    assert [message.get("more_body", False) for message in client.sent[1:]] == [True, False]
    assert client.headers[b"connection"] == b"close"


async def test_bodies_that_arrive_take_no_place_from_those_that_have():
    lanes = Lanes(1, 1, 1)
    app = admission(reads, lanes)
    dripping = Client({"type": "http.request", "body": b"1", "more_body": True})
    task = asyncio.create_task(dripping.ask(app, **POST))
    await asyncio.sleep(0)
    assert lanes.uploads.taken == 1
    assert await Client().ask(app) == 200
    assert await Client(*chunks(b"1")).ask(app, **POST) == 503
    task.cancel()
    await asyncio.wait([task])
    assert await Client(*chunks(b"1")).ask(app, **POST) == 200


async def test_a_body_that_has_arrived_when_all_places_are_taken_is_refused():
    gate = Gate()
    lanes = Lanes(1, 1, 1)
    first = asyncio.create_task(Client().ask(admission(gate, lanes)))
    await gate.entered.wait()
    assert await Client(*chunks(b"1")).ask(admission(reads, lanes), **POST) == 503
    gate.open.set()
    await first


async def test_a_dripping_body_is_given_up():
    client = Client({"type": "http.request", "body": b"1", "more_body": True})
    assert await client.ask(admission(reads, body_seconds=0.01), **POST) == 408
    assert client.headers[b"connection"] == b"close"


async def test_a_body_that_has_arrived_leaves_the_view_its_time():
    gate = Gate()

    async def app(scope, receive, send):
        await reads(scope, receive, lambda message: asyncio.sleep(0))
        listening = asyncio.create_task(receive())
        await asyncio.wait([listening], timeout=0.03)
        listening.cancel()
        gate.open.set()
        await gate(scope, receive, send)

    assert await Client(*chunks(b"1")).ask(admission(app, body_seconds=0.01), **POST) == 200


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        ({"headers": [(b"x", b"y")] * (HEADERS + 1)}, 431),
        ({"headers": [(b"x", b"y")] * HEADERS}, 200),
        ({"path": "/" + "x" * TARGET}, 414),
        ({"query_string": b"x" * TARGET}, 414),
    ],
)
async def test_a_head_has_limits(scope, status):
    assert await Client().ask(admission(reads), **scope) == status


async def test_an_error_of_the_application_stays_one():
    async def app(scope, receive, send):
        raise LookupError("of the view")

    lanes = Lanes(5, 5, 5)
    with pytest.raises(LookupError):
        await Client().ask(admission(app, lanes))
    assert lanes.taken == 0


async def test_closing_waits_for_requests_that_still_run():
    gate = Gate()
    app = admission(gate)
    async with app.emptied():
        task = asyncio.create_task(Client().ask(app))
        await gate.entered.wait()
        asyncio.get_running_loop().call_soon(gate.open.set)
    assert gate.ended.is_set()
    await task


async def test_closing_does_not_wait_for_ever(caplog):
    gate = Gate()
    app = admission(gate, drain=0.01)
    async with app.emptied():
        task = asyncio.create_task(Client().ask(app))
        await gate.entered.wait()
    assert app.waited() >= 0.01
    assert "closing: 1 requests did not end within DRAIN, 0.01 s" in caplog.text
    gate.open.set()
    await task
