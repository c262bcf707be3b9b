"""Builds URLs that stay below their upstream's base URL, and headers that stay within their line."""

import functools
import re
from collections.abc import Mapping
from string import Formatter
from urllib.parse import quote, unquote

from upstreams.core.errors import UnsafeRequest
from upstreams.core.httpx import Headers

UNSAFE_IN_PATH = re.compile(r"[\x00-\x20\x7f\\?#\ud800-\udfff]|//|^/|(^|/)\.\.?([/;]|$)")
TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110 §5.6.2
HINT = 'pass text of a client as a path parameter: get("items/{item}", item=…)'
MAX_URL_LENGTH = 65_536
"""Characters, encoded, that the HTTP library allows for a path and for a query. Most servers allow 8,000."""
SEND_LONG = "send what is long in the body, by json= or data="
NO_CREDENTIALS = frozenset(
    {
        *("accept", "accept-charset", "accept-encoding", "accept-language", "cache-control", "content-type"),
        *(
            "host",
            "if-match",
            "if-modified-since",
            "if-none-match",
            "if-range",
            "if-unmodified-since",
            "pragma",
        ),
        *("range", "user-agent", "x-request-id"),
    }
)
"""Headers that carry no credential; any other one may."""
PRINTABLE = re.compile(r"[\t -~]*")


def url(base: str, template: str, parameters: Mapping[str, object]) -> str:
    """Fill in a path template and append it to a base URL.

    Args:
        base: an origin and a path, without a trailing slash.
        template: a relative path such as `authors/{author}`.
        parameters: the text, number or UUID for each name in braces; percent-encoded here.

    Raises:
        UnsafeRequest: a parameter is empty or dots, is missing or unknown, or the template is not a plain relative
            path. Each may be a client's doing, where a template is put together from a client's text.
    """
    names = _names(template)
    if parameters.keys() != names:
        raise UnsafeRequest(
            f"path {_shown(template)} needs the parameters {sorted(names)}, got {sorted(parameters)}; "
            "pass one keyword argument for each name in braces"
        )
    filled = template.format_map(
        {name: _segment(template, name, value) for name, value in parameters.items()}
    )
    return f"{base}/{filled}" if filled else base


@functools.lru_cache(maxsize=512)
def _names(template: str) -> frozenset[str]:
    decoded = unquote(unquote(unquote(template)))  # some servers decode twice
    if " " not in template:  # %20 is part of a name, and ends nothing
        decoded = decoded.replace(" ", "_")
    if unquote(decoded) != decoded or UNSAFE_IN_PATH.search(decoded):
        raise UnsafeRequest(
            f"path {_shown(template)} must be relative, without //, dots, space, query or fragment; {HINT}"
        )
    try:
        fields = [
            (name, more, conversion)
            for _, name, more, conversion in Formatter().parse(template)
            if name is not None
        ]
    except ValueError:  # a single brace
        fields = [("", None, None)]
    # Nor a format: {item:>9999999999} would take any memory.
    if not all(name.isidentifier() and not more and conversion is None for name, more, conversion in fields):
        raise UnsafeRequest(f"path {_shown(template)} must have names alone in braces, as {{item}}; {HINT}")
    return frozenset(name for name, _, _ in fields)


def _shown(template: str) -> str:
    """Return a template for a message: without a query, which may hold a secret."""
    path = template.partition("?")[0]
    return repr(path if len(path) <= 80 else f"{path[:80]}…")


def _segment(template: str, name: str, value: object) -> str:
    text = str(value)
    surrogates = any("\ud800" <= char <= "\udfff" for char in text)
    if isinstance(value, bool) or value is None or text in ("", ".", "..") or surrogates:
        raise UnsafeRequest(
            f"path {template!r}: parameter {name!r} must be text, a number or a UUID; not empty, not dots"
        )
    return quote(text, safe="")  # a colon, too: models/{model}:delete is what the template says, not the text


def refusal(error: Exception) -> str:
    """Return why a request cannot be sent, and what to do.

    Args:
        error: ours, or the library's, whose messages name no limit.
    """
    if isinstance(error, UnicodeEncodeError):
        return "a lone surrogate cannot be sent"
    if "too long" in str(error):
        return f"its path or its query is longer than {MAX_URL_LENGTH} characters; {SEND_LONG}"
    return str(error)


def header_values(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers by their names in lower case.

    Raises:
        UnsafeRequest: a name or a value contains a character that could end its line.
    """
    return dict(_checked(name, value) for name, value in headers.items())


def replace(headers: Headers, values: Mapping[str, str | None]) -> None:
    """Set headers, each in place of all that have its name; None removes them.

    Raises:
        UnsafeRequest: as `header_values`.
    """
    for name, value in values.items():
        if value is None:
            headers.pop(name, None)
        else:
            lower, checked = _checked(name, value)
            headers[lower] = checked


def _checked(name: str, value: str) -> tuple[str, str]:
    name = name.lower()
    if not TOKEN.fullmatch(name):
        raise UnsafeRequest(f"header {name!r} must be a name such as X-Api-Key")
    if not PRINTABLE.fullmatch(value):
        raise UnsafeRequest(f"header {name!r} must hold printable ASCII characters only")
    return name, value
