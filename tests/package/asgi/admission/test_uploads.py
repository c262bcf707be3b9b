"""Bodies that are too many, too large or too slow."""

import asyncio

import pytest
from testproject.driver import Client
from upstreams.asgi.concurrency import ConcurrencyLimits
from upstreams.asgi.request_limits import FREE_BODY_SIZE

from asgi.admission.doubles import (
    Gate,
    admission,
    chunks,
    reads,
)

POST = {"method": "POST", "headers": [(b"transfer-encoding", b"chunked")]}


@pytest.mark.parametrize(("bodies", "status"), [([b"12345", b"67890"], 200), ([b"12345", b"678901"], 413)])
async def test_a_body_is_counted_as_it_arrives(bodies, status):
    assert await Client(*chunks(*bodies)).ask(admission(reads), **POST) == status


@pytest.mark.parametrize("first", [0, 1])
async def test_a_chunked_body_is_counted_whatever_length_stands_beside_it(first):
    headers = [(b"content-length", b"0"), (b"transfer-encoding", b"chunked")]
    post = {"method": "POST", "headers": [headers[first], headers[1 - first]]}
    assert await Client(*chunks(b"12345", b"678901")).ask(admission(reads), **post) == 413


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
    slots = ConcurrencyLimits(1, 1, 1)
    app = admission(reads, slots)
    dripping = Client({"type": "http.request", "body": b"1", "more_body": True})
    task = asyncio.create_task(dripping.ask(app, **POST))
    await asyncio.sleep(0)
    assert slots.uploads.in_use == 1
    assert await Client().ask(app) == 200
    assert await Client(*chunks(b"1")).ask(app, **POST) == 503
    task.cancel()
    await asyncio.wait([task])
    assert await Client(*chunks(b"1")).ask(app, **POST) == 200


async def test_a_body_that_has_arrived_when_all_places_are_taken_is_refused():
    gate = Gate()
    slots = ConcurrencyLimits(1, 1, 1)
    first = asyncio.create_task(Client().ask(admission(gate, slots)))
    await gate.entered.wait()
    assert await Client(*chunks(b"1")).ask(admission(reads, slots), **POST) == 503
    gate.open.set()
    await first


async def test_a_dripping_body_is_given_up():
    client = Client({"type": "http.request", "body": b"1", "more_body": True})
    assert await client.ask(admission(reads, body_timeout=0.01), **POST) == 408
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

    assert await Client(*chunks(b"1")).ask(admission(app, body_timeout=0.01), **POST) == 200


async def test_all_bodies_together_are_bounded_until_their_requests_end():
    gate, slots = Gate(), ConcurrencyLimits(5, 5, 5, 100_000)
    half = b"x" * (60_000 + FREE_BODY_SIZE)

    async def holds(scope, receive, send):
        await reads(scope, receive, send)
        await gate(scope, receive, send)

    first = asyncio.create_task(
        Client(*chunks(half)).ask(admission(holds, slots, max_body_size=100_000), **POST)
    )
    async with asyncio.timeout(5):
        await gate.entered.wait()
    app = admission(reads, slots, max_body_size=100_000)
    refused = Client(*chunks(half))
    assert await refused.ask(app, **POST) == 503
    assert (refused.headers[b"retry-after"], refused.headers[b"connection"]) == (b"1", b"close")
    assert await Client(*chunks(b"x" * FREE_BODY_SIZE)).ask(app, **POST) == 200
    gate.open.set()
    await first
    assert slots.bodies.in_use == 0
    assert await Client(*chunks(half)).ask(app, **POST) == 200


async def test_the_bytes_of_a_body_whose_client_leaves_are_given_back():
    slots = ConcurrencyLimits(5, 5, 5, 100_000)
    app = admission(reads, slots, max_body_size=100_000)
    leaving = Client(
        {"type": "http.request", "body": b"x" * 90_000, "more_body": True}, {"type": "http.disconnect"}
    )
    assert await leaving.ask(app, **POST) is None
    assert slots.bodies.in_use == 0
