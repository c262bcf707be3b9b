"""The values of parameters as they are sent: plain ones and lists, by the type that a schema gives them."""

import json
from collections.abc import Mapping
from typing import Any

from upstreams.core.keys import suggestion
from upstreams.management.openapi.document import Document, mapping, text

SCALARS = {"integer": int, "number": float}
COMPOSED = ("allOf", "anyOf", "oneOf")
DELIMITERS = {"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|"}
"""Style of a list -> what is between its items, where they are in one value."""
DEEP = "deepObject"
"""Style of an object: `name[field]`."""
UNKNOWN: Any = object()
"""A value whose form has too many ways to be checked."""


def value_of(parameter: dict[str, Any], values: list[str], document: Document) -> Any:
    """Return the value of a parameter that is plain or a list of such values, otherwise `UNKNOWN`.

    Args:
        parameter: as the schema describes it, with a `schema`.
        values: that were sent by its name.
        document: the schema.
    """
    schema = document.resolved(parameter["schema"])
    kinds = _kinds(schema)
    if _is_composed(schema):
        return UNKNOWN
    if "array" not in kinds:
        return _scalar(values[-1], kinds)
    items = document.resolved(mapping(schema.get("items")))
    style = text(parameter.get("style")) or ("form" if parameter.get("in") == "query" else "simple")
    if style not in DELIMITERS or len(kinds) > 1 or "array" in _kinds(items) or _is_composed(items):
        return UNKNOWN
    is_repeated = parameter.get("in") == "query" and parameter.get("explode", style == "form") is True
    given = values if is_repeated else (values[-1].split(DELIMITERS[style]) if values[-1] else [])
    return [_scalar(one, _kinds(items)) for one in given]


def unknown_name(sent: Mapping[str, object], parameters: list[dict[str, Any]], document: Document) -> str:
    """Return why a query has a name that the schema has not; empty if it has none.

    Args:
        sent: the names of the query.
        parameters: of the query, as the schema describes them.
        document: the schema.
    """
    deep = tuple(f"{text(one.get('name'))}[" for one in parameters if one.get("style") == DEEP)
    if any(is_spread(one, document) and one.get("style") != DEEP for one in parameters):
        return ""
    known = {text(parameter.get("name")) for parameter in parameters}
    schemes = map(document.resolved, document.components("securitySchemes").values())
    keys = {text(one.get("name")) for one in schemes if one.get("in") == "query"}
    for name in sent:
        if name not in known | keys and not name.startswith(deep):
            more = f"; {suggestion(name, known)}" if known else ""
            return f"the query has {name}, which is not in the schema{more}"
    return ""


def is_spread(parameter: dict[str, Any], document: Document) -> bool:
    """Return whether a parameter may be sent by other names than its own: an object, field by field."""
    schema = document.resolved(mapping(parameter.get("schema")))
    return parameter.get("style") == DEEP or _is_composed(schema) or "schema" not in parameter


def _kinds(schema: dict[str, Any]) -> list[Any]:
    kinds = schema.get("type")
    return kinds if isinstance(kinds, list) else [kinds]


def _is_composed(schema: dict[str, Any]) -> bool:
    return "object" in _kinds(schema) or any(key in schema for key in COMPOSED)


def _scalar(value: str, kinds: list[Any]) -> Any:
    """Return what a parameter means by its type; text if it is not of that."""
    for kind, read in SCALARS.items():
        if kind in kinds:
            try:
                return read(value)
            except ValueError:
                continue
    if "boolean" in kinds and value in ("true", "false"):
        return json.loads(value)
    return value
