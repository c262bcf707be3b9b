"""Where a response ends: the parser's leniencies, and what the fields of a head say of the end of the body and of the connection (RFC 9112 §6, §9.3)."""

from collections.abc import Sequence

from httptools import HttpResponseParser

Fields = Sequence[tuple[bytes, bytes]]
VERSIONS = ("1.1", "1.0")
UNASKED = "it came before its request"
OTHER_CODING = "field transfer-encoding: it is not one chunked"


class ProtocolError(Exception):
    """The peer sent something that is not a valid HTTP/1.1 response, or whose end is ambiguous.

    Args:
        reason: why it is refused; it names a field and a limit, but no value.

    Attributes:
        data: the first bytes of what could not be parsed.
    """

    data = b""

    def __init__(self, reason: str = "it is not HTTP/1.1") -> None:
        super().__init__(reason)


class UnreadField(Exception):
    """The parser has read a head otherwise than the standard does, or might; the head is to be mended."""


def new_parser(response: object) -> HttpResponseParser:
    """Return a parser that calls the methods of a response.

    It is as lenient as other clients are: a bare LF (§2.2), spaces after a chunk size, `Connection: close` in an interim
    response, a length beside chunks or among the trailers, which is none (§6.3). Not `lenient_headers`: it allows a
    space before the colon, which makes parsers disagree on the length of the body.
    """
    parser = HttpResponseParser(response)
    parser.set_dangerous_leniencies(
        lenient_optional_cr_before_lf=True,
        lenient_spaces_after_chunk_size=True,
        lenient_keep_alive=True,
        lenient_chunked_length=True,
    )
    return parser


def is_chunked(fields: Fields) -> bool:
    """Return whether a body is in chunks.

    Raises:
        ProtocolError: it has another transfer coding.
        UnreadField: the parser keeps a tab at the end, and knows no such coding.
    """
    codings = [value.rstrip(b" ").lower() for name, value in fields if name.lower() == b"transfer-encoding"]
    if codings and codings != [b"chunked"]:
        if [coding.rstrip(b" \t") for coding in codings] == [b"chunked"]:
            raise UnreadField
        raise ProtocolError(OTHER_CODING)
    return bool(codings)


def has_framing(fields: Fields) -> bool:
    """Return whether a body has an end of its own, and not that of its connection."""
    return any(name.lower() in (b"content-length", b"transfer-encoding") for name, _ in fields)


def has_length(fields: Fields) -> bool:
    """Return whether a body has a `Content-Length`."""
    return any(name.lower() == b"content-length" for name, _ in fields)


def asks_to_stay(version: str, fields: Fields) -> bool:
    """Return whether the peer keeps its connection open after a response without a body."""
    options = b",".join(value for name, value in fields if name.lower() == b"connection").lower()
    found = {option.strip() for option in options.split(b",")}
    return b"close" not in found and (version == "1.1" or b"keep-alive" in found)
