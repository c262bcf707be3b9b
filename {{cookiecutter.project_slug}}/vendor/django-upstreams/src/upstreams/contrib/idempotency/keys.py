"""The header `Idempotency-Key`, and whose key it is."""

import re
from collections.abc import Callable
from hashlib import sha256

from django.http import HttpRequest

HEADER = "Idempotency-Key"
MAX_LENGTH = 255
QUOTED = re.compile(r'(?:[ !#-\[\]-~]|\\["\\])*')
"""What is between the quotes of a string (RFC 9651 §3.3.3), which the draft of the IETF demands."""
BARE = re.compile(r"[!#-+\--:<-\[\]-~]+")
"""What most clients send: visible ASCII characters other than comma, semicolon, quote and backslash."""
FORM = f'must be one key of 1 to {MAX_LENGTH} visible ASCII characters, such as "8e03978e-40d5-43dd-bc93-6894a57f9324"'

type Identity = Callable[[HttpRequest], object]


def parse(header: str) -> str | None:
    """Return the key in the value of a header, or None if it is not one; with and without quotes it is the same."""
    text = header.strip()
    is_quoted = len(text) > 1 and text[0] == text[-1] == '"'
    if is_quoted and QUOTED.fullmatch(text[1:-1]):
        key = re.sub(r"\\(.)", r"\1", text[1:-1])
    else:
        key = text if BARE.fullmatch(text) else ""
    return key if 1 <= len(key) <= MAX_LENGTH else None


def identity_of(request: HttpRequest) -> str:
    """Return who the client is, as far as the request tells before the view is called."""
    return _identity(request, getattr(request, "user", None))


async def aidentity_of(request: HttpRequest) -> str:
    """Return the same in an async view."""
    return _identity(request, await request.auser() if hasattr(request, "auser") else None)


def _identity(request: HttpRequest, user: object) -> str:
    if getattr(user, "is_authenticated", False):
        return f"user {user.pk}"  # type: ignore[attr-defined] # as every user has
    # Another package may authenticate by it, in the view.
    return f"authorization {request.headers.get('Authorization', '')}"


def digest(*parts: str | bytes) -> str:
    """Return a digest of texts, in which each has an end."""
    encoded = [part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part for part in parts]
    return sha256(b"".join(b"%d:%b" % (len(part), part) for part in encoded)).hexdigest()
