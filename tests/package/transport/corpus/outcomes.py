"""What a response is for its caller, written down with each case of the corpus."""

from typing import NamedTuple


class Outcome(NamedTuple):
    """How a response is read.

    Args:
        status: the final one; 0 if there is no response for the caller.
        body: in full.
        x: the values of the fields named `x`, which stand for all others.
        reused: whether the connection carries another exchange.
        reason: why it is refused; empty for a response that is cut off.
    """

    status: int
    body: bytes = b""
    x: tuple[bytes, ...] = ()
    reused: bool = False
    reason: str = ""


class Case(NamedTuple):
    """A response as it comes out of a socket; the peer closes after one that is not reused."""

    source: str
    raw: bytes
    outcome: Outcome
    method: str = "GET"


def whole(body=b"", status=200, *x):
    return Outcome(status, body, x, reused=True)


def closes(body=b"", status=200, *x):
    """It is whole, and the connection is not used again."""
    return Outcome(status, body, x)


def refused(reason):
    return Outcome(0, reason=reason)


CUT = Outcome(0)
"""The connection ends before the response does."""

OK = b"HTTP/1.1 200 OK\r\n"
ONE = b"content-length: 1\r\n\r\na"
CHUNKED = OK + b"transfer-encoding: chunked\r\n\r\n"
