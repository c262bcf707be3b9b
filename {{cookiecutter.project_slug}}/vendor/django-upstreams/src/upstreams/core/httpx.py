"""The HTTP library, httpx2 or httpx, under one name. No other module imports it."""

from datetime import timedelta
from importlib.util import find_spec
from time import perf_counter

HTTPX = find_spec("httpx2") is None  # the two libraries have the same API

if HTTPX:  # pragma: no cover - one of the two is installed
    import httpx
else:
    import httpx2 as httpx

Headers = httpx.Headers
Request = httpx.Request
Response = httpx.Response
Transport = httpx.AsyncBaseTransport

__all__ = [
    "Headers",
    "ReadStream",
    "Request",
    "Response",
    "Transport",
    "httpx",
    "mark_read",
    "media_type",
    "read_as",
    "stream_of",
]


def stream_of(message: Request | Response) -> httpx.AsyncByteStream:
    """Return the body of a message as an async stream.

    Raises:
        TypeError: the body is a sync iterator.
    """
    if not isinstance(message.stream, httpx.AsyncByteStream):
        raise TypeError("a streamed body must be an async iterator, not a sync one")
    return message.stream


def media_type(response: Response) -> str:
    """Return the type of a body without its parameters, in lower case; empty if the response names none."""
    return response.headers.get("Content-Type", "").partition(";")[0].strip().lower()


class ReadStream(httpx.ByteStream):
    """A body that has arrived, which httpx2 asks for `Response.elapsed`; few callers do, and a timedelta costs 1 µs.

    Args:
        content: the body.

    Attributes:
        content: the same.
        began: when its call was made, in `time.perf_counter()` seconds.
        ended: when the body was read.
    """

    began = ended = 0.0

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.content = content

    @property
    def elapsed(self) -> timedelta:
        return timedelta(seconds=self.ended - self.began)


def read_as(response: Response, body: bytes, began: float) -> None:
    """Set the body and the time of a response that was read elsewhere, as the library's client would.

    Args:
        response: whose stream has been read.
        body: what it held.
        began: when the call was made, in `time.perf_counter()` seconds.
    """
    response.stream = ReadStream(body)
    mark_read(response, response.stream, began)


def mark_read(response: Response, stream: ReadStream, began: float) -> None:
    """Set the body and the time of a response, as `read_as` does, whose own stream holds the body."""
    stream.began, stream.ended = began, perf_counter()
    # Private: httpx.Response._content. The public way, a second response, costs ten times as much;
    # tests/package/policies/test_decoding.py reads bodies that were set here.
    response._content = stream.content
    if HTTPX:  # which asks no stream
        # Private: httpx.Response._elapsed, which `elapsed` sets by one call more; policies/test_elapsed.py reads it.
        response._elapsed = timedelta(seconds=stream.ended - began)
    response.is_closed = response.is_stream_consumed = True
