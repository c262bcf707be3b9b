"""An event as it is sent: whatever its data is, it is read as it was."""

import pytest
from upstreams import ServerSentEvent as Event
from upstreams.clients.event_parser import EventParser

EVENTS = [
    Event(""),
    Event("ü€😀"),
    Event(" leading space"),
    Event("\n\ntwo\nlines\n"),
    Event("next line\u2028\x85\x0b\x0c\x1c"),
    Event("data: no field", event="error", id="7", retry=0),
    Event(":"),
]


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_is_read_as_it_was_written(event):
    assert EventParser(1000).feed(event.encode()) == [event]


def test_any_line_break_in_the_data_is_one_line_break():
    [event] = EventParser(1000).feed(Event("1\r2\r\n3\n4").encode())
    assert event.data == "1\n2\n3\n4"


@pytest.mark.parametrize("bad", ["a\nid: 9", "a\r", "a\0"])
@pytest.mark.parametrize("field", ["event", "id"])
def test_a_field_cannot_end_its_line(field, bad):
    with pytest.raises(ValueError, match=f"^{field} of an event must be one line without NUL"):
        Event("1", **{field: bad}).encode()


@pytest.mark.parametrize("retry", [-1, 1.5, True, "5\n"])
def test_a_retry_that_is_no_number_is_refused(retry):
    with pytest.raises(ValueError, match="retry of an event must be milliseconds"):
        Event("1", retry=retry).encode()
