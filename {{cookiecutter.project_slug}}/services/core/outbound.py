"""What leaves this process: a URL that cannot leave its upstream, headers that cannot break out of their line."""

import re
from collections.abc import Mapping
from string import Formatter
from urllib.parse import quote, unquote

from services.core.errors import UnsafeRequest

UNSAFE_IN_PATH = re.compile(r"[\x00-\x20\x7f\\?#:]|//|^/|(^|/)\.\.?(/|$)")
UNSAFE_IN_HEADER = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


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
    if isinstance(part, bool) or part is None or str(part) in ("", ".", ".."):
        raise UnsafeRequest(f"path {template!r}: part {name!r} must be text, a number or a UUID, and no dots")
    return quote(str(part), safe="")


def header_values(*groups: Mapping[str, str | None] | None) -> dict[str, str]:
    """Join groups of headers, the later ones first in rank; None leaves a header out.

    Raises:
        UnsafeRequest: a value would end its line.
    """
    joined = {name: value for group in groups if group for name, value in group.items() if value is not None}
    for name, value in joined.items():
        if UNSAFE_IN_HEADER.search(name + value):
            raise UnsafeRequest(f"header {name!r} must not hold control characters")
    return joined
