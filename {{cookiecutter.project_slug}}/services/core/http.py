"""The HTTP library, under one name. The only module that imports it."""

from importlib.util import find_spec

HTTPX = find_spec("httpx2") is None  # httpx and httpx2 have the same API

if HTTPX:  # pragma: no cover - one of the two is installed
    import httpx
else:
    import httpx2 as httpx

Request = httpx.Request
Response = httpx.Response
Transport = httpx.AsyncBaseTransport

__all__ = ["Request", "Response", "Transport", "httpx", "stream_of"]


def stream_of(message: Request | Response) -> httpx.AsyncByteStream:
    """The body of a message, as something to iterate over."""
    if not isinstance(message.stream, httpx.AsyncByteStream):
        raise TypeError("a body that is streamed has to be an async iterator")
    return message.stream
