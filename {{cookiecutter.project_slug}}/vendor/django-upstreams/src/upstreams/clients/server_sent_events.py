"""A server-sent event, as it is read and written."""

import re
from typing import Any

from msgspec import Struct

from upstreams.clients.responses import decoded
from upstreams.core.call import Call

MESSAGE = "message"
"""The type of an event that names none."""
LINE_END = re.compile(r"\r\n|\r|\n")  # not str.splitlines, which splits at U+2028 and others, too


class ServerSentEvent(Struct, frozen=True):
    """An event of an event stream (WHATWG HTML §9.2).

    Args:
        data: text of any number of lines.
        event: its type.
        id: of the event, or of the last one before it that had one.
        retry: milliseconds after which the client should reconnect.
        call: that the event was read by.
    """

    data: str
    event: str = MESSAGE
    id: str = ""
    retry: int | None = None
    call: Call | None = None

    def json[T](self, into: type[T] = Any) -> T:  # type: ignore[assignment]
        """Decode the data as JSON.

        Args:
            into: a type, as for `Upstream.request`.

        Raises:
            UpstreamDecodeError: the data is not JSON, or does not fit.
        """
        return decoded(self.data.encode(), into, self.call, "the event", "its data")

    def encode(self) -> bytes:
        """Return the event as it is sent.

        Raises:
            ValueError: the type or the id has a line break or a NUL, or `retry` is no whole number from 0 on.
        """
        lines = []
        if self.event != MESSAGE:
            lines.append(f"event: {_in_one_line('event', self.event)}")
        if self.id:
            lines.append(f"id: {_in_one_line('id', self.id)}")
        if self.retry is not None:
            if not (type(self.retry) is int and self.retry >= 0):
                raise ValueError(
                    f"retry of an event must be milliseconds, a whole number from 0 on, not {self.retry!r}"
                )
            lines.append(f"retry: {self.retry}")
        lines += [f"data: {line}" for line in LINE_END.split(self.data)]
        return ("\n".join(lines) + "\n\n").encode()


def _in_one_line(name: str, value: str) -> str:
    if any(char in value for char in "\r\n\0"):
        raise ValueError(
            f"{name} of an event must be one line without NUL; put text of several lines in data"
        )
    return value
