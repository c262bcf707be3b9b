"""The event stream format, as the WHATWG's HTML standard has it, in pieces of any size."""

import pytest
from upstreams import ServerSentEvent as Event
from upstreams.clients.event_parser import EventParser
from upstreams.clients.lines import ItemTooLarge

STREAM = (
    "\ufeffdata: one\n: a comment\n\n"
    "event: token\ndata: zwei: ü€😀\nid: 7\n\n"
    "data\n\n"  # a field without a colon has an empty value
    "data:  two spaces\ndata:\ndata: three\n\n"
    "event: dropped, as it has no data\n\n"
    "id: 8\n\n"
    "Data: names have a case\ndata : no name of a field\nother: 1\nid: 9\0\ndata: eight\n\n"
    "retry: 250\ndata: retry\n\n"
    "retry: 2.5\nretry: -1\nretry:\nretry: ²\ndata: as before\n\n"
    "id\ndata: no id\n\n"
    "data: not complete\nid: 10\nretry: 9\n"
).encode()
EVENTS = [
    Event("one"),
    Event("zwei: ü€😀", "token", "7"),
    Event("", id="7"),
    Event(" two spaces\n\nthree", id="7"),
    Event("eight", id="8"),
    Event("retry", id="8", retry=250),
    Event("as before", id="8"),
    Event("no id"),
]
ENDS = {"LF": b"\n", "CR": b"\r", "CRLF": b"\r\n"}


def parsed(*pieces, max_size=10_000):
    parser = EventParser(max_size)
    return [event for piece in pieces for event in parser.feed(piece)] + parser.end()


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_a_stream_in_one_piece(end):
    assert parsed(STREAM.replace(b"\n", end)) == EVENTS


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_a_stream_in_two_pieces_wherever_it_is_split(end):
    data = STREAM.replace(b"\n", end)
    assert [at for at in range(len(data)) if parsed(data[:at], data[at:]) != EVENTS] == []


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_stream_in_pieces_of_a_few_bytes(end, size):
    data = STREAM.replace(b"\n", end)
    assert parsed(*(data[at : at + size] for at in range(0, len(data), size))) == EVENTS


def test_ends_of_lines_may_differ_and_pieces_may_be_empty():
    assert parsed(b"data: 1\r", b"", b"\ndata: 2\r\rdata: 3\n", b"\r\n") == [Event("1\n2"), Event("3")]


@pytest.mark.parametrize("end", [b"\n\n", b"\r\r", b"\r\n\r\n", b"\r\n\r"])
def test_an_event_is_there_with_its_last_byte(end):
    parser = EventParser(100)
    assert parser.feed(b"data: 1" + end[:-1]) == ([Event("1")] if end == b"\r\n\r\n" else [])
    assert parser.feed(end[-1:]) == ([] if end == b"\r\n\r\n" else [Event("1")])


def test_bytes_that_are_not_utf_8_are_replaced():
    assert parsed(b"data: \xc3\ndata: \xff!\n\n") == [Event("\ufffd\n\ufffd!")]


def test_a_byte_order_mark_is_ignored_at_the_start_alone():
    assert parsed(b"\xef\xbb\xbf\xef\xbb\xbfdata: 1\n\n\xef\xbb\xbfdata: 2\n\n") == []


def test_the_id_to_continue_after_is_that_of_the_last_complete_event():
    parser = EventParser(100, "5")
    assert parser.feed(b"data: 1\n\n") == [Event("1", id="5")]
    parser.feed(b"id: 6\n\n")  # an id alone counts as well
    parser.feed(b"id: 7\ndata: 2\nretry: 30\n")
    assert (parser.last_id, parser.retry) == ("6", 30)


@pytest.mark.parametrize(
    "data", [b"data: 345678901", b"data: 345\r\nid: 89\n", b": 34567890123", b"data: 345678901\n\n"]
)
def test_an_event_or_a_comment_beyond_its_size_is_refused(data):
    with pytest.raises(ItemTooLarge):
        parsed(data, max_size=12)


def test_the_size_is_that_of_each_event_and_comments_add_nothing():
    one = b": a comment\ndata: 345678\n\n"
    assert len(parsed(*[one] * 3, one + one, max_size=12)) == 5


def test_events_are_read_in_time_that_grows_with_their_size():
    parser = EventParser(10**7)
    for _ in range(200_000):
        parser.feed(b"data: 1")  # one line, in pieces
    [event] = parser.feed(b"\n\n")
    assert len(event.data) == 7 * 200_000 - 6
