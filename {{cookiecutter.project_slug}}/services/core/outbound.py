"""What leaves this process: a URL that cannot leave its upstream, headers that cannot break out of their line."""

import re
from collections.abc import Mapping
from string import Formatter
from urllib.parse import quote, unquote

from services.core.errors import UnsafeRequest

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
    names = [name for _, name, _, _ in Formatter().parse(template) if name is not None]
    if sorted(set(names)) != sorted(parts):
        raise ValueError(f"path {template!r} needs the parts {sorted(set(names))}, got {sorted(parts)}")
    if UNSAFE_IN_PATH.search(unquote(template)):
        raise ValueError(f"path {template!r} must be relative, without //, dots, query or fragment")
    filled = template.format_map({name: _segment(template, name, part) for name, part in parts.items()})
    return f"{base}/{filled}" if filled else base


def _segment(template: str, name: str, part: object) -> str:
    text = str(part)
    surrogates = any("\ud800" <= char <= "\udfff" for char in text)
    if isinstance(part, bool) or part is None or text in ("", ".", "..") or surrogates:
        raise UnsafeRequest(f"path {template!r}: part {name!r} must be text, a number or a UUID, and no dots")
    return quote(text, safe="")


def header_values(*groups: Mapping[str, str | None] | None) -> dict[str, str]:
    """Join groups of headers, the later ones first in rank; None leaves a header out.

    Raises:
        UnsafeRequest: a name or value cannot be sent as it is, and could end its line.
    """
    given = [pair for group in groups if group for pair in group.items()]
    joined = {name.lower(): value for name, value in given}
    headers = {name: value for name, value in joined.items() if value is not None}
    for name, value in headers.items():
        if not TOKEN.fullmatch(name):
            raise UnsafeRequest(f"header {name!r} must be a name such as X-Api-Key")
        if not PRINTABLE.fullmatch(value):
            raise UnsafeRequest(f"header {name!r} must hold printable ASCII characters")
    return headers
