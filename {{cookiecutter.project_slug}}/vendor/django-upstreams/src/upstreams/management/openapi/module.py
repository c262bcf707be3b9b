"""Puts together the module that a schema is written to."""

import ast
import re
from dataclasses import dataclass

from upstreams.clients.upstream import Upstream
from upstreams.management.openapi.document import Document, mapping
from upstreams.management.openapi.methods import Method
from upstreams.management.openapi.models import Models
from upstreams.management.openapi.operations import operations
from upstreams.management.openapi.structs import alias, struct
from upstreams.management.openapi.syntax import check, parsed
from upstreams.management.openapi.text import docstring, paragraphs, printable, sentence

STANDARD = {
    "collections.abc": ("AsyncGenerator", "AsyncIterable"),
    "typing": ("IO", "Any", "Literal", "cast"),
    "uuid": ("UUID",),
}
OTHERS = {
    "msgspec": ("UNSET", "Struct", "UnsetType", "field", "to_builtins"),
    "msgspec.json": ("encode",),
    "upstreams": ("ServerSentEvent", "Upstream"),
}
IMPORTED = {name for group in (STANDARD, OTHERS) for names in group.values() for name in names}
TAKEN = {name for name in dir(Upstream) if not name.startswith("__")} | {"alias", "pages"}
"""Names that a method cannot have."""
NAME = re.compile(r"[A-Za-z_]\w*")
GIVEN = '''\
def _given(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values that are not None."""
    return {name: value for name, value in values.items() if value is not None}
'''
FORM = '''\
def _form(value: Any, name: str = "") -> dict[str, Any]:
    """Return the fields of a form; those within an object or a list are named as `name[key]`."""
    if not isinstance(value, dict | list):
        return {} if value is None else {name: value}
    found: dict[str, Any] = {}
    for part, inner in value.items() if isinstance(value, dict) else enumerate(value):
        found |= _form(inner, f"{name}[{part}]" if name else str(part))
    return found
'''


@dataclass
class Written:
    """The module of a schema.

    Attributes:
        text: its code.
        cls: the name of its class.
        methods: of the class.
        models: classes and unions.
        notes: lines about what was left out.
    """

    text: str
    cls: str
    methods: list[Method]
    models: Models
    notes: list[str]


def module(document: Document, name: str, cls: str, only: list[str], command: str) -> Written:
    """Write the module of a schema.

    Args:
        document: the schema.
        name: the alias of the upstream.
        cls: the name of the team's class, below which the module's own is named.
        only: operations; all if it is empty.
        command: that writes it again.

    Raises:
        SchemaError: the schema cannot be used.
    """
    own = f"{cls}Schema"
    chosen, notes = operations(document, only, TAKEN)
    models = Models(document, {*IMPORTED, cls, own})
    methods = [Method(one, document, models) for one in chosen]
    for method in methods:
        notes += [f"{method.operation.name} does not send {printable(missing)}" for missing in method.missing]
    taken = {method.operation.name for method in methods}
    for method in methods:
        if method.second in taken:
            method.reply.streams = None
    sections = [*_models(models, methods, document), "\n".join(_class(own, name, document, methods))]
    code = "\n\n\n".join(sections) + "\n"
    used = _used(code)
    helpers = [text for helper, text in (("_given", GIVEN), ("_form", FORM)) if helper in used]
    code = "\n\n".join([code, *helpers]) if helpers else code
    head = docstring(
        [
            f"The operations of `{name}`, as its schema has them.",
            "",
            f"Written by `{command}`, which writes it again. Put your own code into {name}.py.",
        ],
        "",
    )
    text = "\n".join([*head, "", "from __future__ import annotations", "", *_imports(code)]) + "\n\n\n" + code
    check(text)
    return Written(text, own, methods, models, notes)


def _class(own: str, name: str, document: Document, methods: list[Method]) -> list[str]:
    said = paragraphs(mapping(document.root.get("info")).get("description"))[:2]
    title = printable(mapping(document.root.get("info")).get("title") or "")[:80]
    first = f"The operations of {title}." if title else f"The operations of `{name}`."
    spaced = [line for one in said for line in ("", sentence(one))]
    bodies = ["\n".join(method.lines()) for method in methods]
    return [f"class {own}(Upstream):", *docstring([first, *spaced], "    "), "", "\n\n".join(bodies)]


def _models(models: Models, methods: list[Method], document: Document) -> list[str]:
    """Return the classes and unions that the methods reach, in the order in which they do."""
    sent = _reached(models, [method.sends for method in methods])
    received = _reached(models, [method.receives for method in methods])
    return [
        "\n".join(
            struct(models.models[name], document, is_sent=name in sent, is_received=name in received)
            if name in models.models
            else alias(name, *models.aliases[name])
        )
        for name in dict.fromkeys([*received, *sent])
    ]


def _reached(models: Models, annotations: list[str]) -> dict[str, None]:
    found: dict[str, None] = {}
    waiting = [name for text in annotations for name in NAME.findall(text)]
    while waiting:
        name = waiting.pop(0)
        if name in found or not (name in models.models or name in models.aliases):
            continue
        found[name] = None
        if name in models.models:
            inner = [one.code for one in models.models[name].fields.values()]
        else:
            inner = [member.code for member in models.aliases[name][0].members]
        waiting += [one for text in inner for one in NAME.findall(text)]
    return found


def _used(code: str) -> set[str]:
    """Return the names that code reads; a field may have the name of something that it does not."""
    names = (node for node in ast.walk(parsed(code)) if isinstance(node, ast.Name))
    return {node.id for node in names if isinstance(node.ctx, ast.Load)}


def _imports(code: str) -> list[str]:
    """Return the imports of what the code uses."""
    used = _used(code) | {
        name for text in re.findall(r'cast\("type\[(.*)\]", ', code) for name in NAME.findall(text)
    }
    groups = []
    for group in (STANDARD, OTHERS):
        found = ["import datetime as dt"] if group is STANDARD and "dt" in used else []
        for source, names in group.items():
            if wanted := [name for name in names if name in used]:
                found.append(f"from {source} import {', '.join(wanted)}")
        if found:
            groups.append("\n".join(found))
    return "\n\n".join(groups).split("\n")
