"""Schemas of OpenAPI 3.0 and 3.1 as JSON Schema 2020-12. What is where stays the same, so that errors name the place."""

from collections.abc import Callable
from typing import Any, Literal

from upstreams.management.openapi.document import Document, mapping
from upstreams.management.openapi.errors import SchemaError
from upstreams.management.schemas.pointers import parsed, reference

Side = Literal["request", "response"]
TYPES = {"array", "boolean", "integer", "null", "number", "object", "string"}
ONE = {"additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then"} | {
    "unevaluatedItems", "unevaluatedProperties",
}  # fmt: skip
SEVERAL = {"allOf", "anyOf", "oneOf", "prefixItems"}
NAMED = {"$defs", "definitions", "dependentSchemas", "patternProperties", "properties"}
COUNTS = {"maxItems", "maxLength", "maxProperties", "minContains", "minItems", "minLength", "minProperties"}
NUMBERS = {"exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


PLAIN: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(COUNTS | {"maxContains"}, lambda value: isinstance(value, int) and value >= 0),
    **dict.fromkeys(NUMBERS, _is_number),
    "const": lambda _: True,
    "enum": lambda value: isinstance(value, list),
    "format": lambda value: isinstance(value, str),
    "multipleOf": lambda value: _is_number(value) and value > 0,
    "required": lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value),
    "uniqueItems": lambda value: isinstance(value, bool),
}
"""Keywords that are copied if their value has the right form; `required: true` beside a type is a common mistake."""


class Dialect:
    """Translates schemas.

    Args:
        document: that they are of.
        side: a request has no `readOnly` properties, a response no `writeOnly` ones, even where they are `required`.
        is_pattern: whether a regular expression can be used.
    """

    def __init__(self, document: Document, side: Side, is_pattern: Callable[[str], bool]) -> None:
        self._document = document
        self._is_old = document.root["openapi"].startswith("3.0")
        self._absent = "readOnly" if side == "request" else "writeOnly"
        self._is_pattern = is_pattern

    def schema(self, schema: object) -> Any:
        """Return one schema; what is no schema allows everything."""
        if isinstance(schema, bool):
            return schema
        if not isinstance(schema, dict):
            return True
        if isinstance(ref := schema.get("$ref"), str):
            target = {"$ref": reference(parsed(ref))}
            return target if self._is_old else {**target, **self._keywords(schema)}
        found = self._keywords(schema)
        if self._is_old:
            self._bounds(schema, found)
            if schema.get("nullable") is True:
                return _nullable(found)
        return found

    def _keywords(self, schema: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in schema.items():
            if key in ONE:
                found[key] = self.schema(value)
            elif key in SEVERAL and isinstance(value, list) and value:
                found[key] = [self.schema(one) for one in value]
            elif key in NAMED and isinstance(value, dict):
                found[key] = {
                    name: self.schema(one)
                    for name, one in value.items()
                    if key != "patternProperties" or self._is_pattern(name)
                }
            elif key == "type" and (types := _types(value)):
                found["type"] = types
            elif key == "pattern" and isinstance(value, str) and self._is_pattern(value):
                found["pattern"] = value
            elif key in PLAIN and PLAIN[key](value):
                found[key] = value
        if "required" in found:
            found["required"] = [name for name in found["required"] if not self._is_absent(schema, name)]
        return found

    def _is_absent(self, schema: dict[str, Any], name: str) -> bool:
        try:
            return (
                self._document.resolved(mapping(schema.get("properties")).get(name)).get(self._absent) is True
            )
        except SchemaError:
            return False

    @staticmethod
    def _bounds(schema: dict[str, Any], found: dict[str, Any]) -> None:
        """Make numbers of the exclusive bounds, which were true or false in 3.0."""
        for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            if schema.get(exclusive) is True and bound in found:
                found[exclusive] = found.pop(bound)


def _types(value: object) -> list[str]:
    types = value if isinstance(value, list) else [value]
    return [one for one in types if isinstance(one, str) and one in TYPES]


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that allows null, too, whatever else it says: `nullable` beside `allOf` is common."""
    if "type" in schema and not SEVERAL & set(schema) and "not" not in schema:
        found = {**schema, "type": [*schema["type"], "null"]}
        if "enum" in found:
            found["enum"] = [*found["enum"], None]
        return found
    return {"if": {"type": "null"}, "else": schema}
