"""A streamed response over a sync iterator is read in the request's thread, as fast as the client takes it."""

import asyncio
import threading
from contextvars import ContextVar

import pytest
from django.http import StreamingHttpResponse
from testproject.driver import Client
from upstreams.fastpath.iterate_in_thread import READ_SIZE

from asgi.both_handlers import app
from asgi.sync_iterators import HOST, Rows, SlowClient, urls, view_thread

__all__ = ["app", "urls"]

both_views = pytest.mark.parametrize("path", ["/sync-stream", "/async-stream"])
BLOCK = bytes(READ_SIZE // 4)
variable: ContextVar[int] = ContextVar("variable", default=0)


@both_views
async def test_no_more_is_read_than_the_client_takes(app, path):
    rows, client = Rows([BLOCK] * 40), SlowClient()
    asking = asyncio.create_task(client.ask(app, path=path, content=rows, **HOST))
    await client.waits.wait()
    async with asyncio.timeout(10):
        while rows.count < 4:
            await asyncio.sleep(0.001)
    assert (rows.count, rows.closed_in) == (4, [])
    client.is_reading.set()
    await asking
    assert client.body == BLOCK * 40
    assert len(rows.closed_in) == 1


@both_views
async def test_it_is_read_in_the_thread_and_the_context_of_the_request(app, path):
    names = []

    def content():
        names.extend([threading.current_thread().name, view_thread.get()])
        yield BLOCK * 4
        names.append(threading.current_thread().name)
        yield b"end"

    client = Client()
    assert await client.ask(app, path=path, content=content(), **HOST) == 200
    assert len(set(names)) == 1
    assert client.body == BLOCK * 4 + b"end"


async def test_a_variable_that_is_set_for_some_chunks_can_be_reset(app):
    seen = []

    def content():
        token = variable.set(1)
        yield BLOCK * 4
        seen.append(variable.get())
        variable.reset(token)
        yield BLOCK * 4
        seen.append(variable.get())

    assert await Client().ask(app, path="/async-stream", content=content(), **HOST) == 200
    assert seen == [1, 0]


async def test_a_chunk_is_sent_while_the_next_one_is_awaited(app):
    let, client = threading.Event(), SlowClient()

    def content():
        yield b"first"
        let.wait(10)
        yield b"second"

    asking = asyncio.create_task(client.ask(app, path="/async-stream", content=content(), **HOST))
    async with asyncio.timeout(5):
        await client.waits.wait()
    assert client.body == b"first"
    client.is_reading.set()
    let.set()
    await asking
    assert client.body == b"firstsecond"


async def test_small_chunks_are_sent_together(app):
    client = SlowClient()
    asking = asyncio.create_task(
        client.ask(app, path="/async-stream", content=Rows([b"row\n"] * 1000), **HOST)
    )
    await client.waits.wait()
    rows = client.sent[-1]
    assert rows["body"].startswith(b"row\n")
    client.is_reading.set()
    await asking
    assert client.body == b"row\n" * 1000
    assert len(client.sent) < 100


@pytest.mark.parametrize("error", [LookupError("in the stream"), TypeError("in the stream")])
async def test_an_error_ends_the_response_after_what_was_yielded(app, error):
    rows, client = Rows([b"a", b"b"], error), Client()
    with pytest.raises(type(error), match="in the stream"):
        await client.ask(app, path="/async-stream", content=rows, **HOST)
    assert client.body == b"ab"
    assert client.sent[-1]["more_body"]
    assert len(rows.closed_in) == 1


@both_views
@pytest.mark.parametrize("how", ["the client leaves", "shutdown"])
async def test_it_is_closed_in_its_thread_when_the_request_ends_early(app, path, how):
    rows, client = Rows([BLOCK] * 40), SlowClient()
    asking = asyncio.create_task(client.ask(app, path=path, content=rows, **HOST))
    await client.waits.wait()
    client.left.set() if how == "the client leaves" else asking.cancel()
    async with asyncio.timeout(10):
        await asyncio.wait([asking])
    assert rows.count < 40
    assert set(rows.closed_in) == rows.threads


async def test_a_request_that_ends_waits_for_a_chunk_that_is_being_read(app):
    let, client, order = threading.Event(), SlowClient(), []
    reads_again, loop = asyncio.Event(), asyncio.get_running_loop()

    class Content:
        def __iter__(self):
            return self

        def __next__(self):
            if order:
                loop.call_soon_threadsafe(reads_again.set)
                let.wait(10)
            order.append("read")
            return b"a"

        def close(self):
            order.append("closed")

    asking = asyncio.create_task(client.ask(app, path="/async-stream", content=Content(), **HOST))
    async with asyncio.timeout(10):
        await reads_again.wait()
    asking.cancel()
    await asyncio.wait([asking], timeout=0.05)
    asking.cancel()
    await asyncio.wait([asking], timeout=0.05)
    assert order == ["read"]
    let.set()
    async with asyncio.timeout(10):
        await asyncio.wait([asking])
    assert order == ["read", "read", "closed"]


async def test_a_generator_that_is_closed_may_reset_a_variable(app):
    client, ends = SlowClient(), []

    def content():
        token = variable.set(1)
        try:
            while True:
                yield BLOCK
        finally:
            variable.reset(token)
            ends.append("reset")

    asking = asyncio.create_task(client.ask(app, path="/async-stream", content=content(), **HOST))
    await client.waits.wait()
    client.left.set()
    await asking
    assert ends == ["reset"]


async def test_a_response_that_iterates_in_its_own_way_is_left_alone(app):
    class Own(StreamingHttpResponse):
        async def __aiter__(self):
            yield b"own"

    client = Client()
    assert await client.ask(app, path="/response", responses=[Own([b"stock"])], **HOST) == 200
    assert client.body == b"own"
