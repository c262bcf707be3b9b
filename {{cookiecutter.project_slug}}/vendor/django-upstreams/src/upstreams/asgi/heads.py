"""Reads what limits and logs need to know from the head of a request or a response."""

from urllib.parse import quote

from upstreams.core.asgi_types import Message, Scope

RESPONSE_SIZE = "upstreams.response_size"
"""The key of a request's `state` with the bytes of its response, or of its first part."""
MAX_HEADERS = 100
"""Header fields of a request."""
MAX_TARGET_SIZE = 8192
"""Bytes of path and query; RFC 9112 §3 recommends to support at least 8000."""


def quoted_path(scope: Scope) -> str:
    """Return the path for a line of the log: a client may write anything; without the query, which may hold a secret."""
    return quote(scope["path"][:200], safe="/:@!$&'()*+,;=")


def content_length(scope: Scope) -> int | None:
    """Return the length of the body; None without a body, -1 if it is not known in advance."""
    length = None if scope["http_version"].startswith("1") else -1
    for name, value in scope["headers"]:
        if name == b"transfer-encoding":
            return -1  # overrides a Content-Length beside it: RFC 9112 §6.3
        if name == b"content-length" and value.isdigit():
            length = int(value) or None
    return length


def has_no_end(start: Message | None) -> bool:
    """Return whether the response is an event stream, which may end anywhere."""
    # Whatever is missing of another stream is missed: its client must see that it was cut.
    headers = [] if start is None else start.get("headers", [])
    return any(
        name.lower() == b"content-type" and value.startswith(b"text/event-stream") for name, value in headers
    )
