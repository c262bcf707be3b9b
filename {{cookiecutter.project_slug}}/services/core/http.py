"""The HTTP library, under one name. The only module that imports it."""

from importlib.util import find_spec

HTTPX = find_spec("httpx2") is None  # httpx and httpx2 have the same API

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
    """The body of a message, as something to iterate over."""
    if not isinstance(message.stream, httpx.AsyncByteStream):
        raise TypeError("a body that is streamed has to be an async iterator")
    return message.stream


def read_as(response: Response, body: bytes) -> None:
    """Give a response the body that was read in its place, as `Response.read` would."""
    response.stream = httpx.ByteStream(body)
    response._content = body  # the one public way is a second response, at ten times the cost
    response.is_closed = response.is_stream_consumed = True
