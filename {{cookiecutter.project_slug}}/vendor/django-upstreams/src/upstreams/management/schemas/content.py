"""Whether a schema allows the body of a request or a response."""

import json
from typing import Any

from upstreams.management.openapi.bodies import JSON
from upstreams.management.openapi.document import mapping
from upstreams.management.openapi.replies import EVENTS, LINES
from upstreams.management.schemas.pointers import Pointer
from upstreams.management.schemas.validation import Validation


def body_problem(
    validation: Validation, described: dict[str, Any], at: Pointer, headers: dict[str, str], body: bytes
) -> str:
    """Return why a schema does not allow a body; empty if it does.

    Args:
        validation: of the schema.
        described: a response or a request body.
        at: where it is.
        headers: names in any case; without a Content-Type, the first media type that is JSON is meant.
        body: not encoded.
    """
    content = mapping(described.get("content"))
    if not content:
        return ""
    given = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    name = _named(given, list(content))
    if name is None:
        known = ", ".join(map(media_type, content))
        return f"content-type {media_type(given)} is not in the schema, which has {known}"
    if not JSON.fullmatch(media_type(given or name)) or "schema" not in mapping(content[name]):
        return ""
    if mapping(mapping(content[name]).get("schema")).get("format") == "binary":
        return ""
    try:
        value = json.loads(body, parse_constant=_refused)
    except (ValueError, RecursionError):
        return "the body is not JSON" if body else "the body is empty, where the schema has JSON"
    return validation.problem(value, (*at, "content", name, "schema"))


def _refused(name: str) -> None:
    raise ValueError(name)


def media_type(name: str) -> str:
    return name.partition(";")[0].strip().lower()


def _named(given: str, names: list[str]) -> str | None:
    """Return the media type of a schema that a Content-Type means, or None. One kind of JSON is as good as another."""
    if not given:
        return preferred(names)
    kind = media_type(given)
    family = kind.partition("/")[0]
    for wanted in (kind, f"{family}/*", "*/*"):
        for name in names:
            if media_type(name) == wanted:
                return name
    return next((name for name in names if JSON.fullmatch(kind) and JSON.fullmatch(media_type(name))), None)


def preferred(names: list[str]) -> str:
    """Return the media type to send: JSON if there is any."""
    for is_wanted in (
        JSON.fullmatch,
        lambda kind: kind in LINES or kind == EVENTS,
        lambda kind: kind.startswith("text/"),
    ):
        for name in names:
            if is_wanted(media_type(name)):
                return name
    return names[0]
