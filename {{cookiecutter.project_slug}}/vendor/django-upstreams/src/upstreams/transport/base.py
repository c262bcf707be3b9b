"""What every innermost transport has: it sends each request once, and counts its connections."""

from collections.abc import AsyncIterable

from upstreams.core.http_messages import items_of
from upstreams.core.httpx import Headers, Request, Transport, httpx, stream_of
from upstreams.transport.pool import Counts
from upstreams.transport.request import Fields, counted, sized, streamed

DEFAULTS = {
    b"accept": (b"Accept", b"*/*"),
    b"user-agent": (b"User-Agent", f"python-{httpx.__name__}/{httpx.__version__}".encode()),
}
FRAMING = (b"content-length", b"transfer-encoding")


class PooledTransport(Transport):
    """A transport over a pool of connections."""

    @property
    def counts(self) -> Counts:
        """The open connections."""
        raise NotImplementedError

    def renew(self) -> None:
        """Send no further request over the connections that are open now; those in use close after it."""
        raise NotImplementedError


def names_of(headers: Headers) -> set[bytes]:
    """Return the names of headers in lower case."""
    return {lower for _, lower, _ in items_of(headers)}


def add_defaults(fields: Fields, names: set[bytes]) -> None:
    """Add the headers that a request lacks, of which these are the names."""
    fields += [default for name, default in DEFAULTS.items() if name not in names]


def reason(phrase: bytes) -> dict[str, bytes]:
    """Return a reason phrase for the HTTP library, which has its own for none and for control characters."""
    text = phrase.decode("ascii", "ignore").strip()
    return {"reason_phrase": text.encode()} if text and text.isprintable() else {}


def message(request: Request) -> tuple[Fields, bytes | AsyncIterable[bytes]]:
    """Return the headers and the body of a request for another library, which frames the body.

    Raises:
        ValueError: `Content-Length` is given twice, or is not a number.
    """
    names = names_of(request.headers)
    if isinstance(request.stream, httpx.ByteStream):
        body = b"".join(request.stream)
        fields = sized(request.headers.raw, len(body))
        add_defaults(fields, names)
        return fields, body
    fields, size = streamed(request.headers.raw)
    add_defaults(fields, names)
    chunks: AsyncIterable[bytes] = stream_of(request)
    return fields, chunks if size is None else counted(aiter(chunks), size)
