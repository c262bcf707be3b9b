"""Who owns a connection, how a request reaches it, and how it all ends."""

import asyncio
import contextvars
import threading

import pytest
from asgiref.sync import async_to_sync

from config.asgi import application
from services import Upstream, UpstreamClosing
from services.core import connections, context
from testing.lifespan import LifespanFailed, running
from tests.quotes import quotes

QUOTE = {"text": "a", "author": "b"}


class Gate:
    """Lets a test wait until a request has arrived, and the answer wait for the test."""

    def __init__(self):
        self.arrived = asyncio.Event()
        self.open = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def __call__(self, request):
        self.arrived.set()
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


@pytest.fixture
def gate(wire):
    gate = Gate()
    wire("quotes").get("random").after(gate).json(QUOTE)
    return gate


async def elsewhere(function):
    """Runs a function in a thread that owns nothing."""
    return await asyncio.to_thread(contextvars.Context().run, function)


@pytest.mark.usefixtures("lifespan")
async def test_a_plain_thread_reaches_the_one_pool(wire):
    wire("quotes").get("random").json(QUOTE)
    quote = await elsewhere(async_to_sync(quotes.random))
    assert quote.author == "b"
    assert wire("quotes").events == ["opened"]


@pytest.mark.usefixtures("lifespan")
async def test_the_callers_context_crosses_with_the_request(wire):
    def call():
        context.request_id.set("of-the-thread")
        return asyncio.run(quotes.random())

    wire("quotes").get("random").json(QUOTE)
    await elsewhere(call)
    assert wire("quotes").requests[0].headers["X-Request-ID"] == "of-the-thread"


@pytest.mark.usefixtures("lifespan")
async def test_a_caller_that_is_cancelled_elsewhere_cancels_the_request(gate):
    async def give_up():
        task = asyncio.create_task(quotes.random())
        await asyncio.to_thread(arrived.wait)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    arrived = threading.Event()
    waiting = asyncio.create_task(gate.arrived.wait())
    waiting.add_done_callback(lambda _: arrived.set())
    assert await elsewhere(lambda: asyncio.run(give_up()))
    await asyncio.wait_for(gate.cancelled.wait(), 5)


async def test_a_call_in_flight_ends_before_its_client_closes(wire, gate):
    async with asyncio.timeout(5), asyncio.TaskGroup() as group, running(application):
        call = group.create_task(quotes.random())
        await gate.arrived.wait()
        asyncio.get_running_loop().call_later(0.02, gate.open.set)
    assert call.result().author == "b"
    assert wire("quotes").events == ["opened", "closed"]


@pytest.mark.usefixtures("wire")
async def test_nothing_is_handed_to_a_loop_that_is_over():
    async with running(application):
        owner = connections.owned[asyncio.get_running_loop()]
    assert owner.hand_over(None, asyncio.get_running_loop()) is None


@pytest.mark.usefixtures("wire")
async def test_a_call_that_outlives_the_drain_is_cut_off_and_named(gate, settings, caplog):
    settings.TIMEOUTS = {**settings.TIMEOUTS, "DRAIN": 0.02}
    async with running(application):
        call = asyncio.create_task(quotes.random())
        await gate.arrived.wait()
    with pytest.raises(UpstreamClosing, match="quotes: GET random: cut off by the shutdown of this process"):
        await call
    assert "upstream quotes: a call was still in flight after DRAIN" in caplog.text


@pytest.mark.usefixtures("wire")
async def test_no_call_begins_while_others_drain(gate):
    async def late_call():
        with pytest.raises(UpstreamClosing, match="this process is shutting down and makes no new calls"):
            await quotes.random()
        gate.open.set()

    async with running(application):
        call = asyncio.create_task(quotes.random())
        await gate.arrived.wait()
        asyncio.get_running_loop().call_later(0.02, lambda: calls.append(asyncio.create_task(late_call())))
        calls = [call]
    assert len(calls) == 2
    await asyncio.gather(*calls)


@pytest.mark.usefixtures("upstreams")
@pytest.mark.parametrize("reading", [True, False], ids=["waiting for a chunk", "between two chunks"])
async def test_a_stream_that_outlives_the_drain_is_cut_off(loopback, settings, reading):
    settings.TIMEOUTS = {**settings.TIMEOUTS, "DRAIN": 0.02}
    loopback.on("/export", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n123", "hang")
    async with running(application):
        chunks = quotes.export()
        await anext(chunks)
        rest = asyncio.create_task(anext(chunks)) if reading else None
        await asyncio.sleep(0)
    with pytest.raises(UpstreamClosing, match="quotes: GET export: cut off by the shutdown of this process"):
        await (rest or anext(chunks))


@pytest.mark.upstreams(first={}, quotes={})
async def test_a_client_that_hangs_while_closing_does_not_keep_the_others_open(wire, settings, caplog):
    settings.TIMEOUTS = {**settings.TIMEOUTS, "CLOSE": 0.1}
    wire("quotes").hangs_while_closing = True
    async with running(application):
        pass
    assert wire("first").events == ["opened", "closed"]
    assert "upstream quotes: could not be closed within 0.05 s" in caplog.text


@pytest.mark.upstreams(quotes={}, later={})
async def test_a_client_that_opens_later_is_not_there_yet(wire, monkeypatch):
    later = Upstream("later")

    async def on_open():
        await later.get("x")

    monkeypatch.setattr(quotes, "on_open", on_open)
    with pytest.raises(LifespanFailed, match="later: GET x: its client is closed, or opens later"):
        async with running(application):
            raise AssertionError("started")
