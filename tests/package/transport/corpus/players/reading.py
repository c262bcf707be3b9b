"""What a client has read, in words that are the same for all clients."""

import hashlib
from typing import NamedTuple

LONG = 100


class Read(NamedTuple):
    """Args:
    status: of the first response; 0 if the client raised an error.
    body: of the first response.
    x: the values of its fields `x`, joined by a comma, as most clients do.
    following: the body of a second response, by the same client from the same port.
    """

    status: int = 0
    body: bytes = b""
    x: bytes = b""
    following: bytes = b""


def describe(read):
    """Return an outcome as text, which is recorded and compared."""
    if not read.status:
        return "error"
    words = [str(read.status), text(read.body)]
    if read.x:
        words.append(f"x: {text(read.x)}")
    return " ".join(words)


def text(data):
    """Return bytes as text; a checksum in place of many."""
    if len(data) > LONG:
        return f"<{len(data)} bytes, {hashlib.sha256(data).hexdigest()[:8]}>"
    return repr(data)[1:]
