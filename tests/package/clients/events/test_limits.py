"""The limits of a stream that is read an item at a time."""

import asyncio
import math

import pytest
from testproject.quotes import quotes
from upstreams import UpstreamResponseTooLarge, UpstreamTimeout
from upstreams.core import context
from upstreams.core.request_deadline import RequestDeadline

from clients.events.conftest import END, chunk, head, here

pytestmark = pytest.mark.usefixtures("lifespan")
ONE = chunk(b"data: one\n\n")
BEATS = (0.05, chunk(b":\n\n")) * 200
"""Comments for longer than the limits below."""


async def read(**more):
    return [event.data async for event in quotes.events("GET", "chat", **more)]


async def refused(run, **more):
    with pytest.raises(UpstreamTimeout) as caught:
        await run(lambda: read(**more))
    return str(caught.value).removeprefix("upstream quotes: GET chat: "), caught.value.limit.key


@pytest.mark.upstreams(quotes={"TIMEOUT": 1})
async def test_the_first_event_must_come_within_timeout_whatever_comments_come(loopback, run):
    loopback.on("/chat", head(), *BEATS)
    message, key = await refused(run)
    assert message == (
        "no first event within TIMEOUT, 1 s (1 attempt);"
        " raise TIMEOUT, or pass first_timeout= if the upstream is slow"
    )
    assert key == "TIMEOUT"
    await loopback.all_closed()


async def test_the_time_of_the_call_ends_with_the_first_event(loopback):
    loopback.on("/chat", head(), *BEATS)
    assert (await refused(here, timeout=1))[1] == "timeout"


async def test_the_first_event_may_have_a_time_of_its_own(loopback, run):
    loopback.on("/chat", head(), *BEATS)
    assert await refused(run, first_timeout=0.2) == (
        "no first event within first_timeout, 0.2 s (1 attempt); raise first_timeout if the upstream is slow",
        "first_timeout",
    )


@pytest.mark.upstreams(quotes={"TIMEOUT": 1, "STREAM_IDLE_TIMEOUT": 60})
async def test_a_longer_time_for_the_first_event_takes_the_place_of_timeout(loopback, run):
    loopback.on("/chat", head(), 1.5, ONE, END)
    assert await run(lambda: read(first_timeout=math.inf)) == ["one"]


async def test_the_first_event_must_come_before_the_deadline_of_the_request(loopback):
    loopback.on("/chat", head(), *BEATS)
    token = context.deadline.set(RequestDeadline(1))
    message, key = await refused(here)
    context.deadline.reset(token)
    assert (message[:47], key) == (
        'no first event within UPSTREAMS_TIMEOUTS["REQUE',
        'UPSTREAMS_TIMEOUTS["REQUEST"]',
    )


@pytest.mark.upstreams(quotes={"STREAM_IDLE_TIMEOUT": 1})
async def test_a_further_event_must_come_in_time_whatever_comments_come(loopback, run):
    loopback.on("/chat", head(), ONE, *BEATS)
    message, key = await refused(run)
    assert message == (
        "no further event within STREAM_IDLE_TIMEOUT, 1 s (1 attempt);"
        " raise STREAM_IDLE_TIMEOUT, or pass idle_timeout= if the upstream is slow"
    )
    assert key == "STREAM_IDLE_TIMEOUT"
    await loopback.all_closed()


@pytest.mark.upstreams(quotes={"STREAM_IDLE_TIMEOUT": 1})
async def test_with_no_time_between_events_comments_keep_the_stream(loopback, run):
    loopback.on("/chat", head(), ONE, *BEATS[:60], ONE, END)
    assert await run(lambda: read(idle_timeout=math.inf)) == ["one", "one"]


@pytest.mark.upstreams(quotes={"STREAM_IDLE_TIMEOUT": 0.1})
async def test_silence_between_chunks_is_limited_all_the_same(loopback, run):
    loopback.on("/chat", head(), ONE, "hang")
    message, key = await refused(run, idle_timeout=math.inf)
    assert message.startswith("the stream sent nothing within STREAM_IDLE_TIMEOUT, 0.1 s")
    assert key == "STREAM_IDLE_TIMEOUT"


async def test_the_time_of_the_reader_does_not_count(loopback):
    loopback.on("/chat", head(), ONE, ONE, END)
    found = []
    async for event in quotes.events("GET", "chat", idle_timeout=0.5):
        found.append(event.data)
        passed = asyncio.Event()
        asyncio.get_running_loop().call_later(0.8, passed.set)  # beyond idle_timeout
        await passed.wait()
    assert found == ["one", "one"]


@pytest.mark.upstreams(quotes={"MAX_RESPONSE_SIZE": 30})
@pytest.mark.parametrize(
    ("more", "limit"),
    [
        ({}, "MAX_RESPONSE_SIZE, 30 bytes (1 attempt); raise MAX_RESPONSE_SIZE, or pass max_size="),
        ({"max_size": 20}, "max_size, 20 bytes (1 attempt); raise max_size"),
    ],
)
async def test_one_event_may_have_so_many_bytes(loopback, run, more, limit):
    loopback.on("/chat", head(), ONE, ONE, ONE, chunk(b"data: " + b"x" * 30))
    with pytest.raises(UpstreamResponseTooLarge) as caught:
        await run(lambda: read(**more))
    assert str(caught.value) == f"upstream quotes: GET chat: one event is larger than {limit}"
    await loopback.all_closed()
