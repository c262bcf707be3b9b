"""The beginning of an upstream's body, for a developer who looks for the reason of a failure."""

import codecs
import html
import json
import re
from base64 import b64decode
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import parse_qsl, quote

from upstreams.core.httpx import Request, Response

SIZE = 2000
"""Characters of an excerpt."""
SEARCHED_SIZE = 64 * 1024
"""Bytes that are searched for credentials; more than an excerpt has, because a credential may begin in it."""
CHARSETS = {"ascii", "cp1252", "iso8859-1", "iso8859-15", "utf-16", "utf-8"}
"""Not any codec that an upstream may name: some take quadratic time."""
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
HARMLESS_HEADERS = {
    "accept", "accept-encoding", "accept-language", "connection", "content-length", "content-type", "host",
    "idempotency-key", "traceparent", "tracestate", "user-agent", "x-request-id",
}  # fmt: skip
SENSITIVE_NAME = (
    r"[\w.-]{0,40}(?:authori[sz]ation|(?:api|access|private)[\W_]?key|cookie|credential|passw|pwd|secret|session|signature|token)"
    r"[\w.-]{0,40}"
)
IS_SENSITIVE = re.compile(SENSITIVE_NAME, re.IGNORECASE)
SECRETS = (
    # "password": "…", api_key=…
    re.compile(
        rf"""({SENSITIVE_NAME}["']?\s{{0,9}}[:=]\s{{0,9}})("(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s,;&}}<]+)""",
        re.IGNORECASE,
    ),
    re.compile(r"(\b(?:bearer|basic|digest|token)\s{1,9})([\w.~+/=-]{16,})", re.IGNORECASE),
    re.compile(r"(://[^/\s:@]{0,99}:)([^/\s@]{1,99})(?=@)"),
)
MINIMAL_SIZE = 6
"""Characters of a header's value that is hidden although its name is not one of a secret, such as `X-Tenant`."""


def excerpt(response: Response, request: Request) -> str:
    """Return the beginning of a body as text, without credentials.

    Args:
        response: whose body has been read.
        request: as it was sent: an upstream may repeat what it was sent, so values of its headers are hidden.
    """
    content = response.content[:SEARCHED_SIZE]
    if b"\x00" in content and response.charset_encoding is None:
        return f"({len(response.content)} bytes that are not text)"
    text = content.decode(_charset(response.charset_encoding), "replace")
    for secret in sorted(_forms(request), key=len, reverse=True):
        text = text.replace(secret, "…")
    for pattern in SECRETS:
        text = pattern.sub(r"\1…", text)
    text = UNPRINTABLE.sub("\ufffd", text)
    return text if len(text) <= SIZE else f"{text[:SIZE]}…"


def _charset(name: str | None) -> str:
    try:
        found = codecs.lookup(name or "utf-8").name
    except LookupError:
        return "utf-8"
    return found if found in CHARSETS else "utf-8"


def _forms(request: Request) -> set[str]:
    """Return each secret as text, in JSON, in HTML and in a URL."""
    encodings = (
        str,
        lambda text: json.dumps(text)[1:-1],
        html.escape,
        quote,
        lambda text: quote(text, safe=""),
    )
    return {encode(secret) for secret in _secrets(request) for encode in encodings if secret}


def _secrets(request: Request) -> Iterator[str]:
    for name, value in request.headers.items():
        if name == "authorization":
            scheme, _, credential = value.partition(" ")
            yield credential
            if scheme == "Basic":
                with suppress(ValueError):  # a call may have written what it likes
                    user, _, password = b64decode(credential).decode("utf-8", "replace").partition(":")
                    yield password or user  # an API key may be the user
        elif name == "cookie":
            yield from (pair.partition("=")[2] for pair in value.split("; "))
        elif name not in HARMLESS_HEADERS and (IS_SENSITIVE.search(name) or len(value) >= MINIMAL_SIZE):
            yield value
    for name, value in parse_qsl(request.url.query.decode("ascii", "replace")):
        if IS_SENSITIVE.search(name):
            yield value
