"""Makes up values that a schema allows: its own examples first, otherwise always the same ones."""

from dataclasses import dataclass
from typing import Any

from upstreams.management.openapi.document import Document, items, mapping
from upstreams.management.openapi.errors import SchemaError
from upstreams.management.schemas.flattened import Flattened, flattened
from upstreams.management.schemas.kinds import distinct, examples, types
from upstreams.management.schemas.numbers import number
from upstreams.management.schemas.strings import string
from upstreams.management.schemas.validation import Validation

MAX_DEPTH = 12
MAX_OPTIONAL_DEPTH = 5
"""Levels of a value, below which properties that may be absent are left out."""
MAX_VALUES = 3_000
"""Values of an example; above, properties that may be absent are left out."""
MAX_ITEMS = 100
MAX_TRIES = 5_000
"""Values that are made up for an example, with those that did not fit."""
ORDER = ("object", "array", "string", "integer", "number", "boolean", "null")


class NoExampleError(SchemaError):
    """No value can be made up."""


@dataclass(frozen=True)
class Way:
    """How much an example has.

    Attributes:
        uses_examples: whether to take those of the schema.
        optional_depth: levels on which properties that may be absent are there.
    """

    uses_examples: bool
    optional_depth: int


WAYS = (Way(True, MAX_OPTIONAL_DEPTH), Way(False, MAX_OPTIONAL_DEPTH), Way(True, 0), Way(False, 0))
"""One after the other, until the schema allows the value."""


class Maker:
    """Makes values of schemas in one way.

    Args:
        document: whose schemas they are.
        validation: of the document.
        way: how much they have.
    """

    def __init__(self, document: Document, validation: Validation, way: Way) -> None:
        self._document = document
        self._validation = validation
        self._way = way
        self._left = MAX_VALUES

    def value(self, schemas: list[Any], name: str = "", depth: int = 0, seen: tuple[str, ...] = ()) -> Any:
        """Return a value that some schemas allow together.

        Args:
            schemas: that hold together.
            name: of the property.
            depth: of the value.
            seen: references that lead here.

        Raises:
            NoExampleError: none can be made up.
        """
        self._left -= 1
        if self._left < MAX_VALUES - MAX_TRIES:
            raise NoExampleError("the schema is too large")
        if False in schemas:
            raise NoExampleError("nothing fits the schema false")
        first = mapping(schemas[0]) if schemas else {}
        if self._way.uses_examples and len(schemas) == 1:
            for example in examples(first):
                if self._validation.fits(example, first):
                    return example
        problem = NoExampleError(f"{name or 'the value'} has no schema")
        for flat in flattened(self._document, schemas):
            if depth > MAX_DEPTH or any(seen.count(ref) > 1 for ref in flat.references):
                problem = NoExampleError(f"{name or 'the value'} contains itself without end")
                if "null" in types(flat):
                    return None
                continue
            try:
                value = self._flat(flat, name, depth, (*seen, *flat.references))
            except NoExampleError as error:
                problem = error
                continue
            if all(self._validation.fits(value, schema) for schema in schemas):
                return value
            problem = NoExampleError(f"no value was found for {name or 'the schema'}")
        raise problem

    def _flat(self, flat: Flattened, name: str, depth: int, seen: tuple[str, ...]) -> Any:
        keywords = flat.keywords
        if "const" in keywords:
            return keywords["const"]
        if self._way.uses_examples:
            for example in examples(keywords):
                if self._validation.fits(example, {**keywords, "required": list(flat.required)}):
                    return example
        if isinstance(keywords.get("enum"), list):
            values = [one for one in keywords["enum"] if one is not None] or keywords["enum"]
            if not values:
                raise NoExampleError(f"{name or 'the value'} has an empty enum")
            return values[0]
        for kind in ORDER:
            if kind in types(flat):
                return self._of_type(kind, flat, name, depth, seen)
        return {} if depth == 0 else "text"

    def _of_type(self, kind: str, flat: Flattened, name: str, depth: int, seen: tuple[str, ...]) -> Any:
        if kind == "object":
            return self._object(flat, depth, seen)
        if kind == "array":
            return self._array(flat, name, depth, seen)
        if kind == "string":
            return string(flat.keywords, name)
        if kind in ("integer", "number"):
            return number(flat.keywords, is_whole=kind == "integer")
        return True if kind == "boolean" else None

    def _object(self, flat: Flattened, depth: int, seen: tuple[str, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        names = {**dict.fromkeys(flat.properties), **flat.required}
        for name in names:
            is_optional = name not in flat.required
            if is_optional and (depth >= self._way.optional_depth or self._left < 0):
                continue
            schemas = flat.properties.get(name) or [mapping(flat.keywords.get("additionalProperties"))]
            if any(mapping(one).get("writeOnly") is True for one in schemas):
                continue
            try:
                is_tag = name in flat.tag and all(
                    self._validation.fits(flat.tag[name], one) for one in schemas
                )
                found[name] = flat.tag[name] if is_tag else self.value(schemas, name, depth + 1, seen)
            except NoExampleError:
                if not is_optional:
                    raise
        others = flat.keywords.get("additionalProperties")
        least = max(flat.keywords.get("minProperties", 0), int(isinstance(others, dict) and not names))
        for number_ in range(1, min(least - len(found), MAX_ITEMS) + 1):
            if others is False:
                break
            try:
                found[f"name{number_}"] = self.value([mapping(others)], "name", depth + 1, seen)
            except NoExampleError:
                break
        return found

    def _array(self, flat: Flattened, name: str, depth: int, seen: tuple[str, ...]) -> list[Any]:
        keywords = flat.keywords
        found = [self.value([one], name, depth + 1, seen) for one in items(keywords.get("prefixItems"))]
        least = keywords.get("minItems", 0)
        wanted = min(max(least, 1 if self._left > 0 else 0), keywords.get("maxItems", MAX_ITEMS), MAX_ITEMS)
        while len(found) < wanted:
            try:
                one = self.value([keywords.get("items", {})], name, depth + 1, seen)
            except NoExampleError:
                if len(found) >= least:
                    break
                raise
            found += [one] * (wanted - len(found))
        return distinct(found) if keywords.get("uniqueItems") is True else found
