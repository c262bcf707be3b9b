"""Who owns a connection, how a request reaches it, and how it all ends."""

import asyncio
import contextvars
import inspect
import threading
import time

import pytest
from asgiref.sync import async_to_sync
from testproject.asgi import application
from testproject.quotes import quotes
from upstreams import Upstream, UpstreamClosed
from upstreams.clients import pools, registry
from upstreams.core import context
from upstreams.testing.lifespan import LifespanFailed, run_lifespan

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
def gate(upstream_mock):
    gate = Gate()
    upstream_mock("quotes").get("random").after(gate).json(QUOTE)
    return gate


async def elsewhere(function):
    """Runs a function in a thread that owns nothing."""
    return await asyncio.to_thread(contextvars.Context().run, function)


@pytest.mark.usefixtures("lifespan")
async def test_a_plain_thread_reaches_the_one_pool(upstream_mock):
    upstream_mock("quotes").get("random").json(QUOTE)
    quote = await elsewhere(async_to_sync(quotes.random))
    assert quote.author == "b"
    assert upstream_mock("quotes").events == ["opened"]


@pytest.mark.usefixtures("lifespan")
async def test_the_callers_context_crosses_with_the_request(upstream_mock):
    def call():
        context.request_id.set("of-the-thread")
        return asyncio.run(quotes.random())

    upstream_mock("quotes").get("random").json(QUOTE)
    await elsewhere(call)
    assert upstream_mock("quotes").requests[0].headers["X-Request-ID"] == "of-the-thread"


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


async def test_a_call_in_flight_ends_before_its_client_closes(upstream_mock, gate):
    async with asyncio.timeout(5), asyncio.TaskGroup() as group, run_lifespan(application):
        call = group.create_task(quotes.random())
        await gate.arrived.wait()
        asyncio.get_running_loop().call_later(0.02, gate.open.set)
    assert call.result().author == "b"
    assert upstream_mock("quotes").events == ["opened", "closed"]


@pytest.mark.usefixtures("upstream_mock")
async def test_nothing_is_handed_to_a_loop_that_is_over():
    async with run_lifespan(application):
        owner = registry.clients_by_loop[asyncio.get_running_loop()]
    call = asyncio.sleep(0)
    assert owner.hand_over(call, asyncio.get_running_loop()) is None
    assert inspect.getcoroutinestate(call) == inspect.CORO_CLOSED


@pytest.mark.usefixtures("upstream_mock")
async def test_a_call_that_outlives_the_drain_is_cut_off_and_named(gate, settings, caplog):
    settings.UPSTREAMS_TIMEOUTS = {**settings.UPSTREAMS_TIMEOUTS, "CLIENT_DRAIN": 0.02}
    async with run_lifespan(application):
        call = asyncio.create_task(quotes.random())
        await gate.arrived.wait()
    with pytest.raises(
        UpstreamClosed,
        match="quotes: GET random: cancelled by the shutdown of this process, after CLIENT_DRAIN",
    ):
        await call
    assert "upstream quotes: a call was still in flight after CLIENT_DRAIN" in caplog.text


async def test_calls_have_the_part_of_the_drain_that_requests_have_not_used(gate):
    async with asyncio.timeout(2), pools.open_clients():
        call = asyncio.create_task(quotes.random())
        await gate.arrived.wait()
        token = context.drain_ends.set(time.monotonic())  # as asgi/admission.py does
    context.drain_ends.reset(token)
    with pytest.raises(UpstreamClosed, match="after CLIENT_DRAIN"):
        await call


@pytest.mark.usefixtures("upstream_mock")
async def test_no_call_begins_while_others_drain(gate):
    async def late_call():
        with pytest.raises(UpstreamClosed, match="this process is shutting down and makes no new calls"):
            await quotes.random()
        gate.open.set()

    async with run_lifespan(application):
        call = asyncio.create_task(quotes.random())
        await gate.arrived.wait()
        asyncio.get_running_loop().call_later(0.02, lambda: calls.append(asyncio.create_task(late_call())))
        calls = [call]
    assert len(calls) == 2
    await asyncio.gather(*calls)


@pytest.mark.usefixtures("upstreams")
@pytest.mark.parametrize("reading", [True, False], ids=["waiting for a chunk", "between two chunks"])
async def test_a_stream_that_outlives_the_drain_is_cut_off(loopback, settings, reading):
    settings.UPSTREAMS_TIMEOUTS = {**settings.UPSTREAMS_TIMEOUTS, "CLIENT_DRAIN": 0.02}
    loopback.on("/export", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n123", "hang")
    async with run_lifespan(application):
        chunks = quotes.export()
        await anext(chunks)
        rest = asyncio.create_task(anext(chunks)) if reading else None
        await asyncio.sleep(0)
    with pytest.raises(
        UpstreamClosed,
        match="quotes: GET export: cancelled by the shutdown of this process, after CLIENT_DRAIN",
    ):
        await (rest or anext(chunks))


@pytest.mark.upstreams(first={}, quotes={})
async def test_a_client_that_hangs_while_closing_does_not_keep_the_others_open(
    upstream_mock, settings, caplog
):
    settings.UPSTREAMS_TIMEOUTS = {**settings.UPSTREAMS_TIMEOUTS, "CLIENT_CLOSE": 0.1}
    upstream_mock("quotes").hangs_while_closing = True
    async with run_lifespan(application):
        pass
    assert upstream_mock("first").events == ["opened", "closed"]
    assert "upstream quotes: could not be closed within 0.05 s" in caplog.text


@pytest.mark.upstreams(quotes={}, later={})
async def test_a_client_that_opens_later_is_not_there_yet(upstream_mock, monkeypatch):
    later = Upstream("later")

    async def on_startup():
        await later.get("x")

    monkeypatch.setattr(quotes, "on_startup", on_startup)
    with pytest.raises(
        LifespanFailed, match="later: GET x: its client is not open: it has closed, or opens later"
    ):
        async with run_lifespan(application):
            raise AssertionError("started")
