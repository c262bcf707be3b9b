"""Bodies as a cassette shows them: JSON and text readable, anything else as base64."""

import json
from base64 import b64decode, b64encode
from typing import Any

import yaml

Shown = dict[str, Any]
"""One of `{"json": …}`, `{"text": …}` and `{"base64": …}`."""
KINDS = ("json", "text", "base64")
UNREADABLE = {*map(chr, range(32)), "\x7f"} - {"\t", "\n", "\r"}


def shown(body: bytes, *, is_part: bool = False) -> Shown:
    """Return a body as a cassette shows it.

    Args:
        body: a whole one, or a part.
        is_part: whether it is of a stream, in which line breaks have a meaning.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = "\0"
    if not UNREADABLE.isdisjoint(text):
        return {"base64": b64encode(body).decode()}
    if is_part:
        return {"text": text}
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return {"text": text}
    is_kept = isinstance(data, (dict, list)) and _is_kept(text, data)
    return {"json": data} if is_kept else {"text": text}


def content(body: Shown) -> bytes:
    """Return the bytes of a body.

    Raises:
        ValueError: it is none that a cassette shows.
    """
    match body:
        case {"json": data, **rest} if not rest:
            return dumped(data).encode()
        case {"text": str(text), **rest} if not rest:
            return text.encode()
        case {"base64": str(text), **rest} if not rest:
            return b64decode(text, validate=True)
    raise ValueError(f"a body has exactly one of {', '.join(KINDS)}")


def dumped(data: Any) -> str:
    """Return JSON as it is sent again, without spaces.

    Raises:
        ValueError: it holds what YAML has beside JSON, such as a date without quotes.
    """
    try:
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    except TypeError as error:
        raise ValueError(f"JSON: {error}; write text in quotes, such as '2026-11-02'") from None


def _is_kept(text: str, data: Any) -> bool:
    """Return whether nothing but spaces changes on the way through YAML: 1.10 and a name that is given twice do."""
    try:
        again = dumped(yaml.safe_load(yaml.safe_dump(data, sort_keys=False)))
        again.encode()
        return bool(_tokens(again) == _tokens(text))
    except (ValueError, RecursionError, yaml.YAMLError):
        return False


def _tokens(text: str) -> Any:
    def number(literal: str) -> tuple[str]:
        return (literal,)

    return json.loads(
        text, object_pairs_hook=list, parse_int=number, parse_float=number, parse_constant=number
    )
