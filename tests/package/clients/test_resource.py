"""A client of another library: opened by the lifespan or by its first use, reached from any code."""

import asyncio
import threading
from contextlib import asynccontextmanager

import aiohttp
import pytest
from asgiref.sync import async_to_sync
from testproject.asgi import application
from transport.waiting import until
from upstreams import Resource, UpstreamClosed, open_clients
from upstreams.testing.lifespan import run_lifespan
from upstreams.testing.loopback import http_response
from upstreams.testing.mocks import close_portal

from clients.elsewhere import elsewhere


class Made:
    """Makes context managers, and keeps what happens to them."""

    def __init__(self):
        self.events = []
        self.error = None

    @asynccontextmanager
    async def __call__(self):
        if self.error is not None:
            raise self.error
        task = asyncio.current_task()
        self.events.append("opened")
        try:
            yield self
        finally:
            assert asyncio.current_task() is task, "a cancel scope would break"
            self.events.append("closed")


async def loop_of(made, *more, **named):
    return asyncio.get_running_loop(), threading.current_thread().name, more, named


@pytest.fixture
def made():
    yield Made()
    close_portal()


async def test_it_is_open_with_the_lifespan_and_used_where_it_is(made):
    resource = Resource(made)
    async with open_clients():
        async with resource.open():
            assert made.events == ["opened"]
            here = asyncio.get_running_loop()
            assert (await resource.run(loop_of, 1, named=2))[0::2] == (here, (1,))
            assert (await elsewhere(lambda: resource.run(loop_of)))[0] is here
            in_thread = await asyncio.to_thread(async_to_sync(resource.run), loop_of)
            assert in_thread[0] is here
        assert made.events == ["opened", "closed"]
        with pytest.raises(UpstreamClosed, match=r"Resource\(.*\) is closed: this process is shutting down"):
            await resource.run(loop_of)


async def test_it_opens_again_in_the_same_loop(made):
    resource = Resource(made)
    for _ in range(2):
        async with open_clients(), resource.open():
            await resource.run(loop_of)
    assert made.events == ["opened", "closed"] * 2


async def test_without_an_entry_the_first_use_opens_it_once_and_the_clients_end_closes_it(made):
    resource = Resource(made)
    for _ in range(2):
        async with open_clients():
            await asyncio.gather(*(resource.run(loop_of) for _ in range(5)))
            assert made.events[-1] == "opened"
    assert made.events == ["opened", "closed"] * 2


def test_a_process_without_a_lifespan_uses_it_in_the_thread_of_the_clients(made):
    resource = Resource(made)
    found = [async_to_sync(resource.run)(loop_of) for _ in range(3)]
    assert {name for _, name, *_ in found} == {"upstreams portal"}
    assert made.events == ["opened"]
    close_portal()
    assert made.events == ["opened", "closed"]


async def test_what_cannot_open_raises_its_error_and_is_tried_again(made):
    resource = Resource(made)
    made.error = OSError("no route")
    async with open_clients():
        with pytest.raises(OSError, match="no route"):
            await resource.run(loop_of)
        made.error = None
        await resource.run(loop_of)


async def test_a_cancelled_caller_cancels_the_function(made):
    resource = Resource(made)
    began, ended = threading.Event(), asyncio.Event()

    async def hang(_):
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def caller():
        call = asyncio.create_task(resource.run(hang))
        await asyncio.to_thread(began.wait, 10)
        call.cancel()
        await asyncio.wait([call])
        return call.cancelled()

    async with open_clients(), resource.open():
        assert await elsewhere(caller)
        await until(ended.is_set)


async def test_an_error_of_the_function_is_the_callers(made):
    async def fail(_):
        raise KeyError("a")

    async with open_clients():
        with pytest.raises(KeyError):
            await elsewhere(lambda: Resource(made).run(fail))


async def test_it_comes_behind_the_clients(made):
    with pytest.raises(RuntimeError, match=r"open the clients first, as in lifespan=\[open_clients, …\]"):
        async with Resource(made).open():
            pass


async def test_a_session_of_aiohttp_is_reached_from_another_loop(loopback):
    loopback.on("/a", http_response({"a": 1}, headers={"content-type": "application/json"}))

    @asynccontextmanager
    async def make():
        async with aiohttp.ClientSession(loopback.url) as session:
            yield session

    async def get(session, path):
        async with session.get(path) as response:
            return await response.json()

    resource = Resource(make)
    async with open_clients(), resource.open():
        assert await resource.run(get, "/a") == {"a": 1}
        assert await elsewhere(lambda: resource.run(get, "/a")) == {"a": 1}
        assert loopback.accepted == 1
    await loopback.all_closed()


async def test_the_lifespan_of_the_application_holds_the_clients_that_it_needs(made, upstreams):
    resource = Resource(made)
    async with run_lifespan(application):
        await resource.run(loop_of)
    assert made.events == ["opened", "closed"]
