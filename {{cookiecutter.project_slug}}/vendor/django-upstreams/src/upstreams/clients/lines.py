"""The lines of a stream, in whatever pieces its bytes arrive."""


class ItemTooLarge(Exception):
    """An item of a stream is larger than its limit."""


class Lines:
    """Splits bytes into lines, and counts those of one item: its lines so far, and the one that has not ended.

    Args:
        max_size: bytes of one item.
        with_cr: CR ends a line, too. Its line is returned at once, although a LF that belongs to it may follow.
    """

    def __init__(self, max_size: int, *, with_cr: bool = False) -> None:
        self._max_size = max_size
        self._with_cr = with_cr
        self._after_cr = False
        self._parts: list[bytes] = []
        self._size = self._part_size = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that these bytes complete, without their ends."""
        if self._with_cr and data:
            if self._after_cr:
                data = data.removeprefix(b"\n")
                self._after_cr = False
            if b"\r" in data:
                self._after_cr = data.endswith(b"\r")
                data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        first, *more = data.split(b"\n")
        self._parts.append(first)
        self._part_size += len(first)
        if not more:
            return []
        lines = [self.rest(), *more[:-1]]
        self._parts, self._part_size = [more[-1]], len(more[-1])
        return lines

    def rest(self) -> bytes:
        """Take what has arrived of the line that has not ended."""
        line = b"".join(self._parts)
        self._parts, self._part_size = [], 0
        return line

    def keep(self, line: bytes) -> None:
        """Count a line as one of the item that has not ended.

        Raises:
            ItemTooLarge: the item has more than `max_size` bytes.
        """
        self._size += len(line)
        self._check(self._size)

    def check(self) -> None:
        """Check the item that has not ended.

        Raises:
            ItemTooLarge: it has more than `max_size` bytes already.
        """
        self._check(self._size + self._part_size)

    def forget(self) -> None:
        """Begin the next item."""
        self._size = 0

    def _check(self, size: int) -> None:
        if size > self._max_size:
            raise ItemTooLarge
