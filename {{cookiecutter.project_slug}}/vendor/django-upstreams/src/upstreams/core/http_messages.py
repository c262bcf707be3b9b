"""Requests, responses and headers of the HTTP library from parts that have the form in which it keeps them.

Its constructors convert whatever callers may give, which takes longer than the policies and the connection together.
"""

from typing import Any

from upstreams.core.httpx import Headers, Request, Response, httpx

Items = list[tuple[bytes, bytes, bytes]]
"""Headers, each as its name, its name in lower case, and its value."""

NO_BODY = httpx.ByteStream(b"")


def headers_of(items: Items, encoding: str | None = None) -> Headers:
    """Return headers that keep this list.

    Args:
        items: the headers.
        encoding: of names and values; None lets the library detect it when somebody asks for text.
    """
    headers = Headers.__new__(Headers)
    # Private: httpx.Headers._list and _encoding, all that its constructor sets, here and in items_of();
    # tests/package/core/test_http_messages.py compares the two.
    headers._list, headers._encoding = items, encoding
    return headers


def items_of(headers: Headers) -> Items:
    """Return the list that headers keep; what is appended to it is sent."""
    items: Items = headers._list
    return items


def has_header(headers: Headers, lower: bytes) -> bool:
    """Return whether headers have a name, given in lower case."""
    return lower in [name for _, name, _ in items_of(headers)]


def request_of(method: str, url: httpx.URL, headers: Headers, extensions: dict[str, Any]) -> Request:
    """Return a request without a body.

    Args:
        method: in capitals.
        url: it is shared, as nothing changes URLs.
        headers: they are kept, and so are the extensions.
        extensions: of the request.
    """
    # Without the constructor, which sets the same attributes; core/test_http_messages.py compares them.
    request = Request.__new__(Request)
    request.method = method
    request.url = url
    request.headers = headers
    request.extensions = extensions
    request.stream = NO_BODY
    return request


def response_of(
    status: int, headers: Headers, stream: httpx.AsyncByteStream, extensions: dict[str, Any]
) -> Response:
    """Return a response whose body has not been read.

    Args:
        status: of the response.
        headers: they are kept, and so are the extensions.
        stream: the body.
        extensions: of the response.
    """
    # Private: httpx.Response._request and _num_bytes_downloaded. Without the constructor, which sets the same
    # attributes; core/test_http_messages.py compares them.
    response = Response.__new__(Response)
    response.status_code = status
    response.headers = headers
    response.stream = stream
    response.extensions = extensions
    response.next_request = response._request = None
    response.history = []
    response.is_closed = response.is_stream_consumed = False
    response.default_encoding = "utf-8"
    response._num_bytes_downloaded = 0
    return response
