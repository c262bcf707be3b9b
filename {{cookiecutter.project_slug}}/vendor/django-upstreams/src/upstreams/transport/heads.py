"""Heads that the parser refuses, and interim ones: mended as RFC 9112 asks of a user agent, or refused with a reason.

No ordinary response comes here.
"""

import re
from collections import Counter
from collections.abc import Iterator

from upstreams.transport.framing import OTHER_CODING, VERSIONS, Fields, ProtocolError

MAX_HEAD_SIZE = 100 * 1024
"""Bytes of a head, and of what is neither head nor body: trailers, chunk extensions."""
MAX_FIELDS = 128
MAX_INTERIM = 100
MAX_NAME = 60  # bytes of a field's name in a message
TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]*")
STATUS_LINE = re.compile(rb"HTTP/(\d\.\d) \d\d\d(?: [^\r\n]*)?\Z")
LENGTH = re.compile(rb"\A[0-9]++(?:[ \t]*+,[ \t]*+[0-9]++)*+\Z")
CONTROL = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
END_OF_LINE = re.compile(rb"[\r\n\0]")
FORBIDDEN = re.compile(rb"[\0\r]")
SPACES = (b" ", b"\t")
FRAMING = (b"content-length", b"transfer-encoding")


class Mender:
    """Reads again what the parser has refused before the body.

    White space takes the place of a line that is folded (RFC 9112 §5.2) and of control characters in a value
    (RFC 9110 §5.5), one `Content-Length` that of several with the same number (RFC 9112 §6.3). Interim heads are
    dropped: none has a body (§6.3), but the parser would read one.
    """

    def __init__(self) -> None:
        self._interim = 0
        self._lines: list[bytes] = []  # of the head that is not complete
        self._rest: list[bytes] = []  # of the line that is not complete

    def feed(self, data: bytes) -> bytes | None:
        """Return the response with a head that the parser reads; None while the head is incomplete.

        Args:
            data: what has arrived since the last call, at first from the beginning.

        Raises:
            ProtocolError: the head cannot be mended; the reason depends on no byte that follows.
        """
        self._rest.append(data)
        if END_OF_LINE.search(data) is None:
            return None  # a line that comes byte by byte is not read again at each of them
        rest = b"".join(self._rest)
        at = 0
        while (end := rest.find(b"\n", at)) >= 0:
            line = rest[at:end].removesuffix(b"\r")
            at = end + 1
            if line:
                self._lines.append(line)
                _check(line, is_first=len(self._lines) == 1, is_second=len(self._lines) == 2)
            elif self._lines and self._is_final():
                status_line, *fields = self._lines
                return b"\r\n".join([status_line, *_fields(fields), b"", rest[at:]])
        self._rest = [rest[at:]]
        if self._lines and not rest.startswith(SPACES, at):
            _check_field(rest[at:].removesuffix(b"\r"))
        return None

    def _is_final(self) -> bool:
        """Return whether a complete head is that of the final response; otherwise drop it, and count it."""
        status = self._lines[0][9:12]
        if not status.startswith(b"1") or status == b"101":
            return True
        self._lines = []
        self._interim += 1
        if self._interim > MAX_INTERIM:
            raise ProtocolError(f"more than {MAX_INTERIM} interim responses")
        return False


def _check(line: bytes, *, is_first: bool, is_second: bool) -> None:
    if is_first:
        found = STATUS_LINE.match(line)
        if found is None:
            raise ProtocolError("the status line is not valid")
        check(found[1].decode(), [], 0)
    elif line.startswith(SPACES):
        if is_second:
            raise ProtocolError("white space before the first field")
        _check_value(line, "a folded field")
    else:
        _check_field(line)
        if b":" not in line:
            raise ProtocolError("a line without a colon")


def _check_field(line: bytes) -> None:
    """Check a field as far as it has arrived, but for the end of its line."""
    name = TOKEN.match(line).group()  # type: ignore[union-attr] # it matches nothing, too
    rest = line[len(name) :]
    after = rest.lstrip(b" \t")
    if after in (b"", b"\r"):
        return
    if rest.startswith(b":"):
        if not name:
            raise ProtocolError("a field without a name")
        _check_value(rest, field(name))
    elif after.startswith(b":"):
        raise ProtocolError(f"{field(name)}: white space before its colon")
    elif after != rest:
        raise ProtocolError("a field's name has a space")
    else:
        raise ProtocolError(f"a field's name has the character 0x{rest[0]:02x}")


def _check_value(value: bytes, where: str) -> None:
    if found := FORBIDDEN.search(value):
        raise ProtocolError(f"{where}: a control character 0x{found[0][0]:02x} in its value")


def _fields(lines: list[bytes]) -> Iterator[bytes]:
    fields: list[tuple[bytes, bytes]] = []
    lengths: set[bytes] = set()
    for line in lines:
        if line.startswith(SPACES):
            name, value = fields[-1]
            if name.lower() in FRAMING:
                raise ProtocolError(f"{field(name)}: it is folded")
            fields[-1] = name, value + b" " + line.strip(b" \t")
        else:
            name, _, value = line.partition(b":")
            fields.append((name, value.strip(b" \t")))
    for name, value in fields:
        if name.lower() == b"content-length":
            if not LENGTH.match(value):
                raise ProtocolError(f"{field(name)}: it is not one number")
            numbers = {number.strip() for number in value.split(b",")} | lengths
            if len(numbers) > 1:
                raise ProtocolError(f"{field(name)}: two numbers that differ")
            if numbers == lengths:
                continue
            lengths = numbers
            (value,) = numbers
            if int(value) >= 2**64:
                raise ProtocolError(f"{field(name)}: it is too large")
        elif name.lower() == b"transfer-encoding" and value.lower() != b"chunked":
            raise ProtocolError(OTHER_CODING)
        yield name + b": " + CONTROL.sub(b" ", value)


def check(version: str, fields: Fields, size: int) -> None:
    """Refuse a head of a version that is not `VERSIONS`, or with too many fields or bytes.

    Args:
        version: such as 1.1.
        fields: of the head.
        size: bytes that have arrived, of which some may belong to the body.
    """
    if version not in VERSIONS:
        raise ProtocolError(f"version {version}")
    if len(fields) > MAX_FIELDS:
        name, _ = Counter(name.lower() for name, _ in fields).most_common(1)[0]
        raise ProtocolError(f"more than {MAX_FIELDS} fields, most of them {_short(name)}")
    if size > MAX_HEAD_SIZE and sum(len(name) + len(value) for name, value in fields) > MAX_HEAD_SIZE:
        raise _too_long(b"\n".join(map(b":".join, fields)))


def too_large(head: list[bytes] | None) -> ProtocolError:
    """Return the error of more than `MAX_HEAD_SIZE`; `head` is what has arrived of it, None after it."""
    if head is None:
        return ProtocolError(f"more than {MAX_HEAD_SIZE} bytes of chunk extensions or trailers")
    return _too_long(b"".join(head))


def unread(error: Exception, *, is_body: bool) -> ProtocolError:
    """Return the error of bytes that the parser cannot read, with its own words."""
    what = "the framing of its chunks" if is_body else "the head"
    return ProtocolError(f"{what} is not valid: {str(error).lower()}")


def _too_long(data: bytes) -> ProtocolError:
    sizes: Counter[bytes] = Counter()
    for line in data.split(b"\n"):
        name, colon, _ = line.partition(b":")
        if colon and TOKEN.fullmatch(name):
            sizes[name] += len(line)
    most = f", most of it in {field(sizes.most_common(1)[0][0])}" if sizes else ""
    return ProtocolError(f"the head is longer than {MAX_HEAD_SIZE} bytes{most}")


def field(name: bytes) -> str:
    """Return a field's name for a message, never its value."""
    return f"field {_short(name)}"


def _short(name: bytes) -> str:
    return name[:MAX_NAME].decode("ascii", "replace").lower()
