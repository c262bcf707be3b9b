"""Parses JSON Lines (jsonlines.org, ndjson), in whatever pieces their bytes arrive."""

from upstreams.clients.lines import Lines
from upstreams.clients.responses import decoded
from upstreams.core.call import Call


class JSONLinesParser[T]:
    """Turns bytes into values, one for each line that is not blank.

    Args:
        max_size: bytes of one line.
        into: the type of a value, as for `Upstream.request`.
        call: that reads the stream.
    """

    def __init__(self, max_size: int, into: type[T], call: Call) -> None:
        self._lines = Lines(max_size)
        self._into = into
        self._call = call
        self._number = 0

    def feed(self, data: bytes) -> list[T]:
        """Return the values that these bytes complete.

        Raises:
            ItemTooLarge: a line has more than `max_size` bytes.
            UpstreamDecodeError: a line is not JSON, or does not fit the type.
        """
        values = self._values(self._lines.feed(data))
        self._lines.check()
        return values

    def end(self) -> list[T]:
        """Return the value of a last line that has no line break."""
        return self._values([self._lines.rest()])

    def _values(self, lines: list[bytes]) -> list[T]:
        values = []
        for line in lines:
            self._number += 1
            if line and not line.isspace():
                self._lines.keep(line)
                what = f"line {self._number}"
                values.append(decoded(line, self._into, self._call, what, "the line"))
                self._lines.forget()
        return values
