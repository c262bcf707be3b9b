"""Server-sent events of an upstream."""

import math

import pytest
from testproject.quotes import Quote, quotes
from upstreams import UpstreamConnectionError, UpstreamDecodeError, UpstreamStatusError
from upstreams.testing.loopback import http_response

from clients.events.conftest import END, chunk, head

pytestmark = pytest.mark.usefixtures("lifespan")
ONE, TWO = chunk(b"data: one\n\n"), chunk(b"event: token\ndata: two\n\n")


async def read(**more):
    return [event async for event in quotes.events("POST", "chat", json={"stream": True}, **more)]


async def test_events_are_read_and_the_connection_is_used_again(loopback, run):
    loopback.on("/chat", head(), ONE, TWO, END).on("/random", http_response({}))
    events = await run(read)
    assert [(event.event, event.data) for event in events] == [("message", "one"), ("token", "two")]
    await quotes.get("random")
    assert loopback.accepted == 1
    sent = loopback.requests[0]
    assert (sent.method, sent.body, sent.headers["accept"]) == (
        "POST",
        b'{"stream":true}',
        "text/event-stream",
    )


async def test_an_event_is_read_before_the_next_one_was_sent_and_the_rest_is_left(loopback, run):
    async def first():
        async for event in quotes.events("GET", "chat"):
            return event.data
        return None

    loopback.on("/chat", head(), ONE, "hang")
    assert await run(first) == "one"
    await loopback.all_closed()


async def test_an_event_that_is_not_complete_is_dropped(loopback):
    loopback.on("/chat", head(), ONE, chunk(b"data: half\n"), END)
    assert [event.data for event in await read()] == ["one"]


async def test_a_stream_that_is_cut_is_an_error_after_its_events(loopback):
    loopback.on("/chat", head(), ONE, "close")
    events = quotes.events("GET", "chat")
    assert (await anext(events)).data == "one"
    with pytest.raises(UpstreamConnectionError):
        await anext(events)


async def test_a_status_is_an_error_with_its_response(loopback):
    loopback.on("/chat", http_response({"error": "quota"}, 402))
    with pytest.raises(UpstreamStatusError) as caught:
        await read()
    assert caught.value.response.json() == {"error": "quota"}


@pytest.mark.parametrize(
    ("given", "shown"),
    [("application/json; charset=utf-8", "application/json"), ("<b>\u00fc</b>", "of an unknown kind")],
)
async def test_a_response_of_another_type_is_refused(upstream_mock, given, shown):
    upstream_mock("quotes").post("chat").content(b"{}", headers={"content-type": given.encode("latin-1")})
    with pytest.raises(UpstreamDecodeError) as caught:
        await read()
    assert str(caught.value) == (
        f"upstream quotes: POST chat: the response is {shown}, not text/event-stream (1 attempt);"
        " ask the upstream for a stream, mostly by a field of the request such as stream"
    )


@pytest.mark.parametrize("given", ["Text/Event-Stream;charset=UTF-8", ""])
async def test_a_type_in_another_form_and_none_at_all_are_taken(upstream_mock, given):
    upstream_mock("quotes").post("chat").content(b"data: 1\n\n", headers={"content-type": given})
    assert [event.data for event in await read()] == ["1"]


async def test_an_accept_of_the_caller_is_sent_in_place_of_ours(upstream_mock):
    upstream_mock("quotes").post("chat").content(b"")
    await read(headers={"accept": "*/*"})
    assert upstream_mock("quotes").requests[0].headers.get_list("accept") == ["*/*"]


async def test_the_data_of_an_event_is_decoded_into_a_type(upstream_mock):
    upstream_mock("quotes").post("chat").content(
        b'data: {"text": "a", "author": "b"}\n\ndata: {"text": 1}\n\n'
    )
    good, bad = await read()
    assert (good.json(Quote), bad.json()) == (Quote("a", "b"), {"text": 1})
    with pytest.raises(UpstreamDecodeError) as caught:
        bad.json(Quote)
    assert str(caught.value) == (
        "upstream quotes: POST chat: the event does not fit its type: text: expected text, got a whole number"
        " (1 attempt)"
    )
    assert caught.value.alias == "quotes"


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ({"first_timeout": 0}, "first_timeout must be a number of seconds above 0, or math.inf"),
        ({"idle_timeout": True}, "idle_timeout must be a number of seconds"),
        ({"idle_timeout": math.nan}, "idle_timeout must be a number of seconds"),
        ({"max_size": 0.5}, "max_size must be a whole number of bytes from 1 on, not 0.5"),
    ],
)
async def test_a_limit_that_is_no_number_is_refused_before_anything_is_sent(upstream_mock, limit, message):
    with pytest.raises(ValueError, match=message):
        await read(**limit)
    assert upstream_mock("quotes").requests == []
