"""Parses an event stream (WHATWG HTML §9.2.6), in whatever pieces its bytes arrive."""

from codecs import BOM_UTF8

from upstreams.clients.lines import Lines
from upstreams.clients.server_sent_events import MESSAGE, ServerSentEvent
from upstreams.core.call import Call

MAX_RETRY_DIGITS = 9


class EventParser:
    """Turns bytes into events. An event that the stream does not complete is dropped.

    Args:
        max_size: bytes of one event, as they arrive.
        last_id: the id of the last event of the stream that this one continues.

    Attributes:
        call: that reads the stream.
        is_over: whether the upstream has said that there is nothing to continue.
        last_id: the id to continue after.
        retry: milliseconds after which the server wants a client to reconnect, if it says so.
    """

    def __init__(self, max_size: int, last_id: str = "") -> None:
        self.last_id = self._id = last_id
        self.retry: int | None = None
        self._lines = Lines(max_size, with_cr=True)
        self.call: Call | None = None
        self.is_over = False
        self._is_first_line = True
        self._begin()

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        """Return the events that these bytes complete.

        Raises:
            ItemTooLarge: an event has more than `max_size` bytes.
        """
        events = []
        for line in self._lines.feed(data):
            if self._is_first_line:
                self._is_first_line = False
                line = line.removeprefix(BOM_UTF8)
            if not line:
                self.last_id = self._id
                if self._data:
                    events.append(self._event())
                self._begin()
            elif not line.startswith(b":"):
                self._lines.keep(line)
                self._take_field(line)
        self._lines.check()
        return events

    def end(self) -> list[ServerSentEvent]:
        """Return the events that the end of the stream completes: none."""
        return []

    def _begin(self) -> None:
        self._data: list[str] = []
        self._type = ""
        self._retry: int | None = None
        self._lines.forget()

    def _event(self) -> ServerSentEvent:
        return ServerSentEvent(
            "\n".join(self._data), self._type or MESSAGE, self.last_id, self._retry, self.call
        )

    def _take_field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(_text(value))
        elif name == b"event":
            self._type = _text(value)
        elif name == b"id":
            if b"\0" not in value:
                self._id = _text(value)
        elif name == b"retry" and value.isdigit() and len(value) <= MAX_RETRY_DIGITS:
            self._retry = self.retry = int(value)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
