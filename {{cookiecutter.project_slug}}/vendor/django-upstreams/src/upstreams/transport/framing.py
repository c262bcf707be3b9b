"""Where a response ends: the parser's leniencies, and what the fields of a head say of the end of the body and of the connection (RFC 9112 §6, §9.3)."""

import re
from collections.abc import Iterable

from httptools import HttpResponseParser

Fields = Iterable[tuple[bytes, bytes]]
LENGTHS = re.compile(
    rb"\ncontent-length:[ \t]*([0-9]+(?:[ \t]*,[ \t]*[0-9]+)*)[ \t]*\r?(?=\n)", re.IGNORECASE
)
END_OF_HEAD = re.compile(rb"\n\r?\n")


class ProtocolError(Exception):
    """The peer sent something that is not a valid HTTP/1.1 response, or whose end is ambiguous.

    Attributes:
        data: the first bytes of what could not be parsed.
    """

    data = b""


def new_parser(response: object) -> HttpResponseParser:
    """Return a parser that calls the methods of a response.

    It is as lenient as other clients are: a bare LF (§2.2), spaces after a chunk size, `Connection: close` in an interim
    response. Not `lenient_headers`: it allows a space before the colon, which makes parsers disagree on the length of
    the body.
    """
    parser = HttpResponseParser(response)
    parser.set_dangerous_leniencies(
        lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True, lenient_keep_alive=True
    )
    return parser


def is_chunked(fields: Fields) -> bool:
    """Return whether a body is in chunks, for the parser as well, which keeps a tab at the end and knows no such coding.

    Raises:
        ProtocolError: it has another transfer coding.
    """
    codings = [value.rstrip(b" ").lower() for name, value in fields if name.lower() == b"transfer-encoding"]
    if codings and codings != [b"chunked"]:
        raise ProtocolError
    return bool(codings)


def has_framing(fields: Fields) -> bool:
    """Return whether a body has an end of its own, and not that of its connection."""
    return any(name.lower() in (b"content-length", b"transfer-encoding") for name, _ in fields)


def asks_to_stay(version: str, fields: Fields) -> bool:
    """Return whether the peer keeps its connection open after a response without a body."""
    options = b",".join(value for name, value in fields if name.lower() == b"connection").lower()
    found = {option.strip() for option in options.split(b",")}
    return b"close" not in found and (version == "1.1" or b"keep-alive" in found)


def with_one_length(data: bytes) -> bytes | None:
    """Return a response that repeats one `Content-Length` with the first alone (§6.3); None if its lengths differ.

    Args:
        data: which begins with the head; empty is returned where the head is incomplete.
    """
    end = END_OF_HEAD.search(data)
    if end is None:
        return b""
    head, rest = data[: end.start() + 1], data[end.start() + 1 :]
    numbers = [number.strip() for one in LENGTHS.findall(head) for number in one.split(b",")]
    if len(numbers) < 2 or len(set(numbers)) > 1:
        return None
    first = b"\nContent-Length: " + numbers[0] + b"\r"
    seen = iter([first])
    return LENGTHS.sub(lambda _: next(seen, b""), head) + rest
