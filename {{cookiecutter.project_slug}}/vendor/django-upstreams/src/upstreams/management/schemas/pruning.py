"""The part of an OpenAPI document that some operations need: no words, no extensions, no other operations."""

import re
from typing import Any

from upstreams.management.openapi.document import Document, mapping
from upstreams.management.openapi.operations import Operation
from upstreams.management.schemas.pointers import Pointer, parsed, reference

DROPPED = {
    "$comment", "callbacks", "deprecated", "description", "externalDocs", "links", "summary", "tags", "title", "xml",
}  # fmt: skip
NAMES = {
    "$defs", "content", "definitions", "dependentSchemas", "encoding", "headers", "patternProperties", "properties",
    "responses", "variables",
}  # fmt: skip
"""Keys of maps, whose own keys are names and no keywords."""
DATA = {"const", "default", "enum", "example", "mapping", "required", "scopes", "security", "value"}
"""Keys of values that are kept as they are."""
COMPONENTS = {
    "examples": "examples", "headers": "headers", "parameters": "parameters", "requestBody": "requestBodies",
    "responses": "responses", "schema": "schemas",
}  # fmt: skip
"""Part of a pointer -> the kind of component that it leads to."""


class Pruned:
    """Collects what operations need.

    Args:
        document: the whole one.
        operations: that are kept.
    """

    def __init__(self, document: Document, operations: list[Operation]) -> None:
        self._document = document
        self._moved: dict[Pointer, Pointer] = {}
        self._waiting: list[tuple[Pointer, Any]] = []
        self._components: dict[str, dict[str, Any]] = {}
        self._operations = operations

    def document(self) -> dict[str, Any]:
        """Return the document.

        Raises:
            SchemaError: a reference leads nowhere.
        """
        root = self._document.root
        info = mapping(root.get("info"))
        found: dict[str, Any] = {
            "openapi": root["openapi"],
            "info": {"title": str(info.get("title", "")), "version": str(info.get("version", ""))},
        }
        for key in ("servers", "security"):
            if key in root:
                found[key] = self._kept(root[key])
        found["paths"] = self._paths()
        self._add_security()
        while self._waiting:
            (_, kind, name), value = self._waiting.pop()
            self._components.setdefault(kind, {})[name] = self._kept(value, kind=kind)
        if self._components:
            found["components"] = self._components
        return found

    def _paths(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for operation in self._operations:
            item = self._document.resolved(self._document.paths[operation.path])
            kept = found.setdefault(
                operation.path,
                {key: self._kept(item[key]) for key in ("parameters", "servers") if key in item},
            )
            kept[operation.method.lower()] = self._kept(operation.spec)
        return found

    def _add_security(self) -> None:
        asked = [self._document.root.get("security"), *(one.spec.get("security") for one in self._operations)]
        schemes = self._document.components("securitySchemes")
        for one in asked:
            for name in (
                {name for way in one if isinstance(way, dict) for name in way}
                if isinstance(one, list)
                else ()
            ):
                if name in schemes:
                    self._reach(("components", "securitySchemes", name))

    def _kept(self, value: Any, *, kind: str = "") -> Any:
        """Return what is kept of a value.

        Args:
            value: an object, or a list of them.
            kind: of component; a response keeps its description, which OpenAPI requires.
        """
        if isinstance(value, list):
            return [self._kept(one) for one in value]
        if not isinstance(value, dict):
            return value
        found: dict[str, Any] = {}
        for key, inner in value.items():
            if not isinstance(key, str) or key.startswith("x-"):
                continue
            if key == "$ref" and isinstance(inner, str):
                found[key] = self._reference(inner)
            elif key in DATA or (key == "examples" and isinstance(inner, list)):
                found[key] = inner
            elif (key in NAMES or key == "examples") and isinstance(inner, dict):
                found[key] = {str(name): self._kept(one, kind=key) for name, one in inner.items()}
            elif key not in DROPPED or (key == "description" and kind == "responses"):
                found[key] = self._kept(inner)
            if key == "discriminator":
                self._reach_mapping(mapping(mapping(inner).get("mapping")))
        return found

    def _reach_mapping(self, names: dict[str, Any]) -> None:
        for target in names.values():
            if isinstance(target, str):
                name = target.removeprefix("#/components/schemas/")
                if name in self._document.components("schemas"):
                    self._reach(("components", "schemas", name))

    def _reference(self, ref: str) -> str:
        """Return a reference within the pruned document, and keep its target."""
        self._document.target(ref)  # refuses those that lead nowhere
        pointer = parsed(ref)
        if pointer[:1] == ("components",) and len(pointer) >= 3:
            self._reach(pointer[:3])
            return ref
        if pointer not in self._moved:
            kinds = [COMPONENTS[part] for part in reversed(pointer) if part in COMPONENTS]
            name = re.sub(r"[^A-Za-z0-9]+", "_", "_".join(pointer[-4:])).strip("_")
            self._moved[pointer] = (
                "components",
                kinds[0] if kinds else "schemas",
                f"{name}_{len(self._moved) + 1}",
            )
            self._waiting.append((self._moved[pointer], self._document.target(ref)))
            self._components.setdefault(self._moved[pointer][1], {})[self._moved[pointer][2]] = {}
        return reference(self._moved[pointer])

    def _reach(self, pointer: Pointer) -> None:
        _, kind, name = pointer
        if name in self._components.get(kind, {}):
            return
        self._components.setdefault(kind, {})[name] = {}
        self._waiting.append((pointer, self._document.components(kind).get(name)))
