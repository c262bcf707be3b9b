"""An event stream that is continued by another connection, where the caller says that this is safe."""

import pytest
from testproject.quotes import quotes
from upstreams import UpstreamConnectionError, UpstreamStatusError
from upstreams.clients import reconnecting
from upstreams.testing.loopback import http_response

from clients.events.conftest import END, chunk, head

QUICK = {"BACKOFF": 0.001, "MAX_BACKOFF": 0.001}
pytestmark = [pytest.mark.usefixtures("lifespan"), pytest.mark.upstreams(quotes=QUICK)]
ONE, TWO = chunk(b"id: 1\ndata: one\n\n"), chunk(b"id: 2\ndata: two\n\n")
OVER = http_response(b"", 204)


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    """The seconds that were waited, which take no time."""
    waits = []
    sleep = reconnecting.asyncio.sleep

    async def note(seconds):
        waits.append(seconds)
        await sleep(0)

    class Asyncio:
        sleep = staticmethod(note)

    monkeypatch.setattr(reconnecting, "asyncio", Asyncio)
    return waits


async def read(**more):
    return [event.data async for event in quotes.events("GET", "feed", reconnect=True, **more)]


def ids(loopback):
    return [request.headers.get("last-event-id") for request in loopback.requests]


@pytest.mark.parametrize("end", ["close", END])
async def test_a_stream_that_has_ended_goes_on_after_its_last_event(loopback, waits, run, end):
    loopback.on("/feed", head(), ONE, chunk(b"id: 9\ndata: half\n"), end)
    loopback.on("/feed", head(), TWO, end).on("/feed", OVER)
    assert await run(read) == ["one", "two"]
    assert ids(loopback) == [None, "1", "2"]
    assert [1 <= seconds <= 1.001 for seconds in waits] == [True, True]


async def test_without_the_word_of_the_caller_nothing_is_sent_again(loopback):
    loopback.on("/feed", head(), ONE, "close")
    events = quotes.events("GET", "feed")
    assert (await anext(events)).data == "one"
    with pytest.raises(UpstreamConnectionError):
        await anext(events)
    assert len(loopback.requests) == 1


async def test_the_upstream_says_how_long_to_wait(loopback, waits):
    loopback.on("/feed", head(), chunk(b"retry: 2500\n"), ONE, END)
    loopback.on("/feed", head(), TWO, chunk(b"retry: 999999999\n"), END)
    loopback.on("/feed", OVER)
    await read()
    assert [int(seconds) for seconds in waits] == [2, 60]


@pytest.mark.parametrize(("asked", "seconds"), [("30", 30), ("90", 60)])
async def test_an_overloaded_upstream_says_how_long_to_wait(loopback, waits, asked, seconds):
    loopback.on("/feed", http_response({}, 503, {"retry-after": asked})).on("/feed", OVER)
    assert await read() == []
    assert [int(wait) for wait in waits] == [seconds]


async def test_connections_without_an_event_are_numbered(loopback, waits):
    loopback.on("/feed", head(), ONE, "close").on("/feed", head(), "close")
    with pytest.raises(UpstreamConnectionError):
        await read()
    assert (len(loopback.requests), len(waits)) == (3, 2)


async def test_a_stream_that_ends_without_an_event_again_and_again_is_an_error(loopback):
    loopback.on("/feed", head(), END)
    with pytest.raises(
        UpstreamConnectionError, match="quotes: GET feed: the stream has ended, and a new one"
    ):
        await read(attempts=5)
    assert len(loopback.requests) == 5


async def test_an_event_makes_the_count_begin_anew(loopback):
    for _ in range(10):
        loopback.on("/feed", head(), ONE, "close")
    loopback.on("/feed", OVER)
    assert await read() == ["one"] * 10


async def test_a_status_that_does_not_pass_is_raised(loopback):
    loopback.on("/feed", head(), ONE, END).on("/feed", http_response({}, 401))
    with pytest.raises(UpstreamStatusError):
        await read()
    assert len(loopback.requests) == 2


async def test_an_event_that_comes_too_late_is_asked_for_again(loopback):
    loopback.on("/feed", head(), ONE, "hang").on("/feed", OVER)
    assert await read(idle_timeout=0.1) == ["one"]
    assert ids(loopback) == [None, "1"]


async def test_an_id_that_no_header_can_hold_ends_the_stream(loopback):
    loopback.on("/feed", head(), chunk("id: ü\ndata: one\n\n".encode()), "close")
    with pytest.raises(UpstreamConnectionError):
        await read()
    assert len(loopback.requests) == 1


async def body():
    yield b"1"


@pytest.mark.parametrize("more", [{"content": body()}, {"files": {"file": b"1"}}])
async def test_a_body_that_cannot_be_sent_again_is_refused(upstream_mock, more):
    with pytest.raises(ValueError, match="reconnect=True sends the request again: pass its body by json="):
        await read(**more)
    assert upstream_mock("quotes").requests == []
