"""What a schema says of its values: their types, and examples of them."""

from typing import Any

from upstreams.management.openapi.document import items
from upstreams.management.schemas.flattened import Flattened


def types(flat: Flattened) -> list[Any]:
    """Return the types of a schema, or those that its other keywords are about."""
    own = flat.keywords.get("type")
    if own is not None:
        return own if isinstance(own, list) else [own]
    if flat.properties or "additionalProperties" in flat.keywords or flat.required:
        return ["object"]
    if "items" in flat.keywords or "prefixItems" in flat.keywords:
        return ["array"]
    if any(key in flat.keywords for key in ("minimum", "maximum", "multipleOf")):
        return ["number"]
    return ["string"] if any(key in flat.keywords for key in ("pattern", "format", "minLength")) else []


def examples(schema: dict[str, Any]) -> list[Any]:
    """Return the values that a schema itself names."""
    found = [schema["example"]] if "example" in schema else []
    found += items(schema.get("examples"))
    return [*found, schema["default"]] if schema.get("default") is not None else found


def distinct(values: list[Any]) -> list[Any]:
    """Return values of which none is there twice, where that is easy."""
    return [
        value + number
        if isinstance(value, int | float) and not isinstance(value, bool)
        else f"{value}{number}"
        if isinstance(value, str) and number
        else value
        for number, value in enumerate(values)
    ]
