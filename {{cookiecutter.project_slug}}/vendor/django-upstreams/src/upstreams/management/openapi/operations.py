"""The operations of a schema: method, path, arguments, bodies and responses, as far as the schema says."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from upstreams.core.errors import UnsafeRequest
from upstreams.core.keys import suggestion
from upstreams.core.urls import url
from upstreams.management.openapi import names
from upstreams.management.openapi.document import Document, items, text
from upstreams.management.openapi.errors import SchemaError
from upstreams.management.openapi.text import printable

BRACES = re.compile(r"[^{}]*(?:\{[^{}]+\}[^{}]*)*")
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True)
class Operation:
    """One operation.

    Attributes:
        id: of the schema, or made of the method and the path.
        name: of its method.
        method: in upper case.
        path: as the schema has it.
        parameters: of the path and of the operation, without references.
        spec: the operation itself.
    """

    id: str
    name: str
    method: str
    path: str
    parameters: list[dict[str, Any]]
    spec: dict[str, Any]


def operations(document: Document, only: list[str], taken: set[str]) -> tuple[list[Operation], list[str]]:
    """Return the operations, and a line for each that is left out.

    Args:
        document: the schema.
        only: `operationId`s, or names of methods; all operations if it is empty.
        taken: names that a method cannot have.

    Raises:
        SchemaError: one is not there, or none is left.
    """
    every = all_of(document, taken)
    found = [one for one in every if not only or one.id in only or one.name in only]
    for wanted in only:
        if not any(wanted in (one.id, one.name) for one in found):
            known = {one.name: one for one in every}
            raise SchemaError(
                f"--only: there is no operation {printable(wanted)}; {suggestion(wanted, known)}"
            )
    kept, notes = [], []
    for one in found:
        if reason := unusable(one):
            notes.append(f"Left out {one.name}: {reason}")
        else:
            kept.append(one)
    if not kept:
        raise SchemaError(notes[0] if notes else "the schema has no operations: there is nothing to call")
    return kept, notes


def all_of(document: Document, taken: set[str]) -> list[Operation]:
    """Return all operations; each has a name of its own."""
    used = set(taken)
    found = []
    for path, item in document.paths.items():
        of_path = document.resolved(item) if isinstance(path, str) and path.startswith("/") else {}
        for method in METHODS:
            spec = of_path.get(method)
            if not isinstance(spec, dict):
                continue
            id_ = text(spec.get("operationId")) or f"{method} {path}"
            name = names.unique(names.unreserved(names.snake(id_, "operation"), taken), used)
            used.add(name)
            parameters = _parameters(document, of_path, spec)
            found.append(Operation(id_, name, method.upper(), path, parameters, spec))
    return found


def _parameters(document: Document, *specs: dict[str, Any]) -> list[dict[str, Any]]:
    """Return parameters by place and name; those of the operation replace those of its path."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for spec in specs:
        for one in items(spec.get("parameters")):
            parameter = document.resolved(one)
            place, name = text(parameter.get("in")), text(parameter.get("name"))
            if place and name:
                found[place, name] = parameter
    return list(found.values())


def unusable(operation: Operation) -> str:
    """Return why an operation cannot be called; empty if it can."""
    template, named = path_template(operation.path)
    if not BRACES.fullmatch(path_of(operation.path)):
        return "the braces of its path are no names"
    try:
        url("https://upstream.test", template, dict.fromkeys(named.values(), "a"))
    except UnsafeRequest:
        return "its path is no relative path with names in braces"
    return ""


def argument(name: str, taken: Iterable[str]) -> str:
    """Return the argument for a name of the schema."""
    return names.unique(names.unreserved(names.snake(name), RESERVED), taken)


def path_of(path: str) -> str:
    """Return a path without its query and its fragment, by which some schemas tell operations apart."""
    return path.lstrip("/").partition("#")[0].partition("?")[0]


RESERVED = {
    "attempts", "body", "cast", "content", "data", "encode", "field", "files", "first_timeout", "headers",
    "idempotency_key", "idle_timeout",
    "into", "json", "last_event_id", "map", "max_size", "params", "reconnect", "response", "self", "timeout",
    "to_builtins", "type",
}  # fmt: skip
"""Arguments of `Upstream.request` and `events`, and names that the methods use."""


def path_template(path: str) -> tuple[str, dict[str, str]]:
    """Return the path template of a call, and the argument of each name in it; without a query or a fragment."""
    template = ""
    named: dict[str, str] = {}
    for number, part in enumerate(path_of(path).replace("}", "{").split("{")):
        if number % 2:
            named.setdefault(part, argument(part, named.values()))
            template += f"{{{named[part]}}}"
        else:
            template += part
    return template, named
