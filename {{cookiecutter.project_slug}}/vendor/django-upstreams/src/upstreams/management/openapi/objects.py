"""Objects of the schema: what all parts of `allOf` say together."""

import re
from dataclasses import dataclass, field
from typing import Any

from upstreams.management.openapi.document import Document, items, mapping, text
from upstreams.management.openapi.types import Type

MAX_DEPTH = 30
NOT_IN_NAMES = re.compile(r'[\x00-\x1f"\\\ud800-\udfff]')
"""Characters that msgspec refuses in the name of a field; one that has them is left out."""


@dataclass
class Merged:
    """An object with fields.

    Attributes:
        properties: name -> schema.
        required: the names that are always there.
        description: the schema's words.
    """

    properties: dict[str, Any] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    description: str = ""


@dataclass
class Model:
    """A class of the module.

    Attributes:
        name: of the class.
        component: the name of its schema, if it has one.
        merged: its schema.
        tag: the field by which a union knows the class, and its value there.
        fields: name in JSON -> type.
    """

    name: str
    component: str
    merged: Merged
    tag: tuple[str, str | int] | None = None
    fields: dict[str, Type] = field(default_factory=dict)


def merged(document: Document, schema: object) -> Merged:
    """Return the fields of a schema and of all parts of its `allOf`.

    Where it is one of several, too, their fields may be absent.
    """
    found = Merged()
    _add(document, schema, found, set(), is_sure=True)
    return found


def _add(
    document: Document, schema: object, found: Merged, seen: set[int], depth: int = 0, *, is_sure: bool
) -> None:
    one = document.resolved(schema)
    if id(one) in seen or depth > MAX_DEPTH:
        return  # each part once: those that refer to each other twice would double with each level
    seen.add(id(one))
    own = {
        name: value
        for name, value in mapping(one.get("properties")).items()
        if isinstance(name, str) and not NOT_IN_NAMES.search(name)
    }
    for part in items(one.get("allOf")):
        _add(document, part, found, seen, depth + 1, is_sure=is_sure)
    found.properties |= own
    found.description = text(one.get("description")) or found.description
    if is_sure:
        found.required |= {name for name in items(one.get("required")) if isinstance(name, str)}
    if own or depth:  # otherwise it is a union
        for part in items(one.get("oneOf")) + items(one.get("anyOf")):
            of_part = Merged()
            _add(document, part, of_part, seen, depth + 1, is_sure=False)
            found.properties = of_part.properties | found.properties
