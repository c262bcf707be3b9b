"""How the responses of event streams end, and where their iterators run."""

import asyncio
from contextvars import ContextVar

import pytest
from testproject.quotes import quotes
from upstreams import EventStreamResponse, JSONLinesResponse
from upstreams.core.errors import UpstreamError
from upstreams.fastpath.stream_cut import ResponseCut

from asgi.both_handlers import app
from asgi.visitor import ask, visitor

__all__ = ["app", "ask", "visitor"]
variable = ContextVar("variable", default=None)


@pytest.mark.parametrize("reads", [True, False])
@pytest.mark.parametrize("kind", [EventStreamResponse, JSONLinesResponse])
@pytest.mark.usefixtures("lifespan")
async def test_the_stream_of_an_upstream_is_closed_when_the_client_leaves(
    ask, visitor, loopback, reads, kind
):
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
    loopback.on("/chat", head, b"data: one\n\n", "hang")
    request = ask(lambda: kind(event.data async for event in quotes.events("GET", "chat")))
    if not reads:
        visitor.reads.clear()
    await visitor.arrivals.get()
    if reads and kind is EventStreamResponse:
        assert await visitor.arrivals.get() == b"data: one\n\n"
    visitor.left.set()
    await request
    async with asyncio.timeout(20):
        await loopback.all_closed()


@pytest.mark.parametrize("kind", [EventStreamResponse, JSONLinesResponse])
async def test_a_failure_cuts_the_stream_after_what_came_before(ask, visitor, kind):
    async def items():
        yield "1"
        raise UpstreamError("the connection was lost")

    with pytest.raises(ResponseCut):
        await ask(lambda: kind(items()))
    assert (
        visitor.body.removeprefix(b":\n\n")
        == {
            EventStreamResponse: b"data: 1\n\n",
            JSONLinesResponse: b'"1"\n',
        }[kind]
    )


async def test_the_iterator_runs_in_one_task_and_one_context(ask):
    seen = set()

    async def events():
        variable.set("mine")
        for _ in range(3):
            seen.add((asyncio.current_task(), variable.get()))
            await asyncio.sleep(0.001)
            yield "1"

    await ask(lambda: EventStreamResponse(events()))
    assert (len(seen), {value for _, value in seen}) == (1, {"mine"})
