"""What leaves this process: a URL that cannot leave its upstream, headers that cannot break out of their line."""

import functools
import re
from collections.abc import Mapping
from string import Formatter
from urllib.parse import quote, unquote

from services.core.errors import UnsafeRequest
from services.core.http import Headers

UNSAFE_IN_PATH = re.compile(r"[\x00-\x20\x7f\\?#:]|//|^/|(^|/)\.\.?(/|$)")
TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110 §5.6.2
PRINTABLE = re.compile(r"[\t -~]*")


def url(base: str, template: str, parts: Mapping[str, object]) -> str:
    """Fill in a path template and put it below a base URL.

    Args:
        base: an origin and a path, without a slash at the end.
        template: a relative path such as `authors/{author}`.
        parts: the text, number or UUID for each name in braces.

    Raises:
        ValueError: a part is missing or unknown, or the template is not a plain relative path.
        UnsafeRequest: a part is empty or dots, which could lead elsewhere.
    """
    names = _names(template)
    if parts.keys() != names:
        raise ValueError(f"path {template!r} needs the parts {sorted(names)}, got {sorted(parts)}")
    filled = template.format_map({name: _segment(template, name, part) for name, part in parts.items()})
    return f"{base}/{filled}" if filled else base


@functools.lru_cache(maxsize=512)
def _names(template: str) -> frozenset[str]:
    if UNSAFE_IN_PATH.search(unquote(template)):
        raise ValueError(f"path {template!r} must be relative, without //, dots, query or fragment")
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name is not None)


def _segment(template: str, name: str, part: object) -> str:
    text = str(part)
    surrogates = any("\ud800" <= char <= "\udfff" for char in text)
    if isinstance(part, bool) or part is None or text in ("", ".", "..") or surrogates:
        raise UnsafeRequest(f"path {template!r}: part {name!r} must be text, a number or a UUID, and no dots")
    return quote(text, safe="")


def header_values(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers by their names in lower case.

    Raises:
        UnsafeRequest: a name or value cannot be sent as it is, and could end its line.
    """
    return dict(_checked(name, value) for name, value in headers.items())


def replace(headers: Headers, own: Mapping[str, str | None]) -> None:
    """Set headers, each in place of all that have its name; None takes these out.

    Raises:
        UnsafeRequest: as `header_values` does.
    """
    for name, value in own.items():
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
        raise UnsafeRequest(f"header {name!r} must hold printable ASCII characters")
    return name, value
