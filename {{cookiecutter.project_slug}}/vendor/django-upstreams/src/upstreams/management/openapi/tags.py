"""The field by which the classes of a union are told apart."""

from typing import Any

from upstreams.management.openapi.document import Document, items, mapping, text
from upstreams.management.openapi.objects import Model

MAX_NUMBER = 2**53
Tag = tuple[str, str | int]


def tags(
    models: list[Model], discriminator: dict[str, Any], document: Document, names: dict[str, str]
) -> list[Tag] | None:
    """Return the field and the value of each class; None if nothing tells all of them apart.

    Args:
        models: the classes.
        discriminator: of the union, which may be empty.
        document: the schema.
        names: component -> name of its class.
    """
    field = text(discriminator.get("propertyName"))
    if field:
        mapped = _mapped(discriminator, names)
        constants = [_constant(document, model, field) for model in models]
        values = [
            _only(mapped, model) if one == "" else one for one, model in zip(constants, models, strict=True)
        ]
        return _distinct(field, values)
    for name in models[0].merged.properties:
        if all(name in model.merged.required for model in models):
            found = _distinct(name, [_constant(document, model, name) for model in models])
            if found is not None:
                return found
    return None


def _distinct(field: str, values: list[str | int]) -> list[Tag] | None:
    is_one_kind = len({type(value) for value in values}) == 1
    if not is_one_kind or "" in values or len(set(values)) < len(values):
        return None
    return [(field, value) for value in values]


def _constant(document: Document, model: Model, field: str) -> str | int:
    """Return the only value of a field, if it has one that is text or a number; otherwise no text."""
    schema = document.resolved(model.merged.properties.get(field))
    values = [schema["const"]] if "const" in schema else items(schema.get("enum"))
    if len(values) == 1 and isinstance(values[0], str | int) and not isinstance(values[0], bool):
        return values[0] if isinstance(values[0], str) or abs(values[0]) < MAX_NUMBER else ""
    return ""


def _mapped(discriminator: dict[str, Any], names: dict[str, str]) -> dict[str, list[str]]:
    """Return the values of each class."""
    found: dict[str, list[str]] = {}
    for value, ref in mapping(discriminator.get("mapping")).items():
        name = names.get(text(ref).rpartition("/")[2])
        if name is not None:
            found.setdefault(name, []).append(value)
    return found


def _only(mapped: dict[str, list[str]], model: Model) -> str:
    """Return the value that the discriminator has for a class: without a mapping, the name of its schema."""
    if not mapped:
        return model.component
    values = mapped.get(model.name, [])
    return values[0] if len(values) == 1 else ""
