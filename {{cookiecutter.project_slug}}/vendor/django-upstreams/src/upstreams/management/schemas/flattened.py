"""One schema out of several that hold together: `allOf`, references, and a member of each union."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, product
from typing import Any

from upstreams.management.openapi.document import Document, items, mapping
from upstreams.management.schemas.dialect import PLAIN

MAX_CHOICES = 40
"""Combinations of members of unions that are tried."""
LOWER, UPPER = ("minLength", "minItems", "minProperties", "minimum"), ("maxLength", "maxItems", "maximum")


@dataclass
class Flattened:
    """A schema without `allOf`, `anyOf`, `oneOf` and references.

    Attributes:
        keywords: all others, of all parts.
        properties: name -> the schemas that hold for it.
        required: names.
        references: that lead here.
        tag: a discriminator and its value.
    """

    keywords: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, list[Any]] = field(default_factory=dict)
    required: dict[str, None] = field(default_factory=dict)
    references: tuple[str, ...] = ()
    tag: dict[str, Any] = field(default_factory=dict)

    def add(self, schema: dict[str, Any]) -> None:
        """Add what one part says."""
        for name, inner in mapping(schema.get("properties")).items():
            self.properties.setdefault(name, []).append(inner)
        self.required |= dict.fromkeys(
            name for name in items(schema.get("required")) if isinstance(name, str)
        )
        for key, value in schema.items():
            if key in PLAIN and not (PLAIN[key](value) or isinstance(value, bool)):
                continue
            before = self.keywords.get(key)
            if before is None or key == "format":
                self.keywords[key] = value
            elif key in LOWER and isinstance(value, int | float):
                self.keywords[key] = max(before, value)
            elif key in UPPER and isinstance(value, int | float):
                self.keywords[key] = min(before, value)
            elif key == "enum" and isinstance(value, list):
                self.keywords[key] = [one for one in before if one in value]
            elif key == "type":
                types = value if isinstance(value, list) else [value]
                self.keywords[key] = [one for one in items(before) or [before] if one in types] or before


def flattened(document: Document, schemas: list[Any], seen: tuple[str, ...] = ()) -> Iterator[Flattened]:
    """Yield what several schemas are together, once for each choice of members of their unions.

    Args:
        document: that they are of.
        schemas: that hold together.
        seen: references that were followed on the way; a union that contains itself is not entered again.

    Raises:
        SchemaError: a reference leads nowhere.
    """
    parts, unions, references = _parts(document, schemas)
    unions = [
        [one for one in union if mapping(one[0]).get("$ref") not in (*seen, *references)] for union in unions
    ]
    for choice in islice(product(*unions), MAX_CHOICES):
        if not choice:
            found = Flattened(references=references)
            for part in parts:
                found.add(part)
            yield found
            continue
        rest = [_without_unions(part) for part in parts]
        tags = {key: value for _, tag in choice for key, value in tag.items()}
        for inner in flattened(document, [*rest, *(member for member, _ in choice)], (*seen, *references)):
            inner.references = (*references, *inner.references)
            inner.tag = {**inner.tag, **tags}
            yield inner


def _parts(
    document: Document, schemas: list[Any]
) -> tuple[list[dict[str, Any]], list[list[tuple[Any, dict[str, Any]]]], tuple[str, ...]]:
    """Return the schemas without `allOf`, their unions, and the references that were followed."""
    parts: list[dict[str, Any]] = []
    unions: list[list[tuple[Any, dict[str, Any]]]] = []
    references: dict[str, None] = {}
    waiting = list(schemas)
    while waiting:
        schema = mapping(waiting.pop(0))
        ref = schema.get("$ref")
        if isinstance(ref, str):
            if ref not in references:
                references[ref] = None
                target = document.target(ref)
                waiting.insert(0, target)
            schema = {key: value for key, value in schema.items() if key != "$ref"}
        parts.append({key: value for key, value in schema.items() if key != "allOf"})
        waiting = [*items(schema.get("allOf")), *waiting]
        for key in ("oneOf", "anyOf"):
            if members := items(schema.get(key)):
                unions.append([(member, _tag(member, schema)) for member in _sorted(members)])
    return parts, unions, tuple(references)


def _without_unions(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key not in ("oneOf", "anyOf", "discriminator")}


def _sorted(members: list[Any]) -> list[Any]:
    """Return the members of a union; null comes last."""
    return sorted(members, key=lambda member: mapping(member).get("type") == "null")


def _tag(member: Any, union: dict[str, Any]) -> dict[str, Any]:
    """Return the discriminator of a member of a union, and its value there."""
    discriminator = mapping(union.get("discriminator"))
    name, ref = discriminator.get("propertyName"), mapping(member).get("$ref")
    if not isinstance(name, str) or not isinstance(ref, str):
        return {}
    component = ref.rpartition("/")[2]
    named = reversed(mapping(discriminator.get("mapping")).items())
    values = {target: value for value, target in named if isinstance(target, str)}
    return {name: values.get(ref, values.get(component, component))}
