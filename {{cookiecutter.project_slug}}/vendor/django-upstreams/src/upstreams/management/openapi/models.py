"""Turns the schemas of values into types, and into the classes that these name."""

from typing import Any

from upstreams.management.openapi import names
from upstreams.management.openapi.document import Document, items, mapping, text
from upstreams.management.openapi.objects import Merged, Model, merged
from upstreams.management.openapi.scalars import enumerated, scalar
from upstreams.management.openapi.tags import tags
from upstreams.management.openapi.text import remark
from upstreams.management.openapi.types import (
    ANY,
    NONE,
    OBJECT,
    Member,
    Type,
    dict_of,
    list_of,
    replaced,
    without_rivals,
)

COMPONENT = "#/components/schemas/"
MAX_DEPTH = 25
"""Schemas within each other that have no name of their own; what is deeper is `Any`."""
MAX_CODE = 4000
"""Characters of an annotation; one that is longer is `Any`."""
MAX_INLINE = 3
"""Classes of a union that has no name of its own."""


class Models:
    """The classes and the unions of a module.

    Args:
        document: the schema.
        reserved: names that mean something else in the module.
    """

    def __init__(self, document: Document, reserved: set[str]) -> None:
        self.document = document
        self.models: dict[str, Model] = {}
        self.aliases: dict[str, tuple[Type, str]] = {}
        self._taken = set(reserved)
        self._names: dict[str, str] = {}
        for component in document.components("schemas"):  # before those that are made up
            self._names[component] = self._name(component)
        self._seen: dict[tuple[int, str], str] = {}
        self._splits: dict[int, list[dict[str, Any]]] = {}  # kept: `_seen` knows schemas by their id
        self._open: set[str] = set()
        self._known: dict[str, Type] = {}
        self._waiting: list[Model] = []

    def type(self, schema: object, hint: str) -> Type:
        """Return the type of a value, once all the classes that it names are known.

        Args:
            schema: of the value.
            hint: a name for what has none in the schema.
        """
        found = self._convert(schema, hint, 0)
        while self._waiting:
            model = self._waiting.pop(0)
            for name, one in model.merged.properties.items():
                model.fields[name] = self._convert(one, model.name + names.camel(name, "Value"), 0)
        return found

    def _name(self, text: str) -> str:
        name = names.unique(names.camel(text), self._taken)
        self._taken.add(name)
        return name

    def _convert(self, schema: object, hint: str, depth: int, component: str = "") -> Type:
        if not isinstance(schema, dict) or depth > MAX_DEPTH:
            return ANY
        if "$ref" in schema:
            return self._reference(schema, hint, depth)
        found = self._without_null(schema, hint, depth, component)
        is_nullable = schema.get("nullable") is True or schema.get("x-nullable") is True
        return found.or_none() if is_nullable and found is not ANY else found

    def _reference(self, schema: dict[str, Any], hint: str, depth: int) -> Type:
        ref = text(schema["$ref"])
        target = self.document.target(schema["$ref"])
        name = ref.removeprefix(COMPONENT)
        component = name if ref.startswith(COMPONENT) and name in self._names else ""
        if ref in self._known:
            return self._known[ref]
        if ref in self._open:
            return ANY  # without a class in between, it has no end
        self._open.add(ref)
        try:
            found = self._convert(target, self._names.get(component, hint), depth + 1, component)
        finally:
            self._open.discard(ref)
        if len(found.code) > MAX_CODE:
            found = ANY
        self._known[ref] = self._named(found, component, target) if component else found
        return self._known[ref]

    def _named(self, found: Type, component: str, schema: object) -> Type:
        structs = [member for member in found.members if member.kind == "struct"]
        if found.alias or len(structs) < 2:
            return found
        return self._alias(found, self._names[component], remark(mapping(schema).get("description")))

    def _alias(self, found: Type, name: str, description: str) -> Type:
        self.aliases.setdefault(name, (found, description))
        return Type(found.members, found.note, name)

    def _without_null(self, schema: dict[str, Any], hint: str, depth: int, component: str) -> Type:
        kinds = schema.get("type")
        if isinstance(kinds, list) and kinds:
            return self.union(self._split(schema, kinds), hint, depth, {})
        if "const" in schema or isinstance(schema.get("enum"), list):
            return enumerated([schema["const"]] if "const" in schema else schema["enum"])
        variants = items(schema.get("oneOf")) or items(schema.get("anyOf"))
        parts = items(schema.get("allOf"))
        if len(parts) == 1 and not variants and not mapping(schema.get("properties")):
            return self._convert(parts[0], hint, depth + 1, component)
        one = merged(self.document, schema)
        if one.properties:
            return self._struct(schema, one, hint, component)
        if variants:
            return self.union(variants, hint, depth, mapping(schema.get("discriminator")))
        if parts:
            # Of one value, or of what has no fields: the first part that says something.
            types = [self._convert(part, hint, depth + 1) for part in parts]
            return next((kind for kind in types if kind.members != ANY.members), ANY)
        if kinds == "array" or (kinds is None and isinstance(schema.get("items"), dict)):
            return list_of(self._convert(schema.get("items"), f"{hint}Item", depth + 1))
        more = schema.get("additionalProperties")
        if kinds == "object" or (kinds is None and more is not None):
            return dict_of(self._convert(more, f"{hint}Value", depth + 1))
        return scalar(schema)

    def _split(self, schema: dict[str, Any], kinds: list[Any]) -> list[dict[str, Any]]:
        return self._splits.setdefault(id(schema), [{**schema, "type": kind} for kind in kinds])

    def _struct(self, schema: dict[str, Any], one: Merged, hint: str, component: str) -> Type:
        key = (id(schema), component)
        if key not in self._seen:
            name = self._names[component] if component else self._name(hint)
            self._seen[key] = name
            self.models[name] = Model(name, component, one)
            self._waiting.append(self.models[name])
        return Type((Member(self._seen[key], "struct"),))

    def union(self, variants: list[Any], hint: str, depth: int, discriminator: dict[str, Any]) -> Type:
        """Return a type that is one of several; plain dicts, where nothing tells its classes apart."""
        types = [
            self._convert(variant, hint if len(variants) == 1 else f"{hint}{number}", depth + 1)
            for number, variant in enumerate(variants, 1)
        ]
        members, plain = without_rivals([member for one in types for member in one.members])
        note = next((one.note for one in types if one.note), "")
        structs = [member.code for member in members if member.kind == "struct"]
        if len(structs) > 1 and not self._tagged(structs, discriminator):
            members, plain = replaced(members, {"struct"}, OBJECT), structs
        if plain:
            names_of = ", ".join(plain[:5]) + (" …" if len(plain) > 5 else "")
            note = f"a dict, because no field tells these apart: {names_of}" if len(plain) > 1 else note
        if members == [NONE]:
            return Type((NONE,), note)
        found = Type(tuple(members), note)
        kept = [member for member in members if member.kind == "struct"]
        return self._alias(found, self._name(hint), "") if len(kept) > MAX_INLINE and depth else found

    def _tagged(self, structs: list[str], discriminator: dict[str, Any]) -> bool:
        """Give each class of a union its tag, if there are such."""
        models = [self.models[name] for name in structs]
        found = tags(models, discriminator, self.document, self._names)
        if found is None or any(
            model.tag not in (None, tag) for model, tag in zip(models, found, strict=True)
        ):
            return False
        for model, tag in zip(models, found, strict=True):
            model.tag = tag
        return True
