"""The HTTP library, httpx2 or httpx, under one name. No other module imports it."""

from importlib.util import find_spec

HTTPX = find_spec("httpx2") is None  # the two libraries have the same API

if HTTPX:  # pragma: no cover - one of the two is installed
    import httpx
else:
    import httpx2 as httpx

Headers = httpx.Headers
Request = httpx.Request
Response = httpx.Response
Transport = httpx.AsyncBaseTransport

__all__ = ["Headers", "Request", "Response", "Transport", "httpx", "read_as", "stream_of"]


def stream_of(message: Request | Response) -> httpx.AsyncByteStream:
    """Return the body of a message as an async stream.

    Raises:
        TypeError: the body is a sync iterator.
    """
    if not isinstance(message.stream, httpx.AsyncByteStream):
        raise TypeError("a streamed body must be an async iterator, not a sync one")
    return message.stream


def read_as(response: Response, body: bytes) -> None:
    """Set the body of a response that was read elsewhere, as `Response.aread` would."""
    response.stream = httpx.ByteStream(body)
    # Private: httpx.Response._content. The public way, a second response, costs ten times as much;
    # tests/package/policies/test_decoding.py reads bodies that were set here.
    response._content = body
    response.is_closed = response.is_stream_consumed = True
