"""The body of a request: which of its types a method sends, and how."""

import re
from dataclasses import dataclass, field
from typing import Any

from upstreams.management.openapi import names
from upstreams.management.openapi.arguments import Arguments
from upstreams.management.openapi.document import Document, mapping
from upstreams.management.openapi.models import Models
from upstreams.management.openapi.objects import merged
from upstreams.management.openapi.operations import Operation, argument
from upstreams.management.openapi.text import literal, remark, sentence

JSON = re.compile(r"application/json|[\w.+-]+/[\w.+-]+\+json|\*/\*|application/\*")
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
FILE = "IO[bytes] | bytes"


@dataclass
class Body:
    """What a call sends.

    Attributes:
        sent: arguments of the call.
        before: statements that come first.
        code: the annotation of the body, from which its classes follow.
    """

    sent: list[str] = field(default_factory=list)
    before: list[tuple[str, list[str]]] = field(default_factory=list)
    code: str = ""


def media_types(content: object) -> dict[str, Any]:
    """Return media types without their parameters -> what the schema says of them."""
    return {
        name.partition(";")[0].strip().lower(): mapping(value) for name, value in mapping(content).items()
    }


def body(operation: Operation, document: Document, models: Models, found: Arguments) -> Body:
    """Add the arguments of a body to those of the operation, and return how it is sent."""
    spec = document.resolved(operation.spec.get("requestBody"))
    types = media_types(spec.get("content"))
    if not types:
        return Body()
    is_required = spec.get("required") is True
    name = next((name for name in types if JSON.fullmatch(name)), "")
    if not name:
        name = next((known for known in (MULTIPART, FORM) if known in types), next(iter(types)))
    schema = types[name].get("schema", {})
    found.words["body"] = sentence(remark(spec.get("description")))
    if name == MULTIPART:
        return _multipart(operation, document, models, found, schema)
    if JSON.fullmatch(name) or name == FORM:
        return _model(operation, models, found, schema, name, is_required=is_required)
    code = "str | bytes" if name.startswith("text/") else "bytes | AsyncIterable[bytes]"
    _argument(found, "body", code, is_required=is_required)
    found.headers.append(f'"Content-Type": {literal(name)}')
    return Body(["content=body"], code=code)


def _argument(found: Arguments, name: str, code: str, *, is_required: bool) -> None:
    if is_required:
        found.positional.append(f"{name}: {code}")
    else:
        nullable = code if code == "Any" or code.endswith("| None") else f"{code} | None"
        found.named.insert(0, f"{name}: {nullable} = None")


def _model(
    operation: Operation,
    models: Models,
    found: Arguments,
    schema: object,
    media_type: str,
    *,
    is_required: bool,
) -> Body:
    kind = models.type(schema, names.camel(f"{operation.name}_body"))
    _argument(found, "body", kind.code, is_required=is_required)
    if kind.note:
        found.words["body"] = " ".join(filter(None, [found.words["body"], sentence(kind.note)]))
    if media_type == FORM:
        return Body(["data=_form(to_builtins(body))"], code=kind.code)
    if not (media_type == "application/json" or "*" in media_type):
        found.headers.append(f'"Content-Type": {literal(media_type)}')
    is_plain = kind.code in ("Any", "str", "int", "float", "bool", "dict[str, Any]", "list[str]", "list[int]")
    return Body(["json=body" if is_plain else "json=to_builtins(body)"], code=kind.code)


def _multipart(
    operation: Operation, document: Document, models: Models, found: Arguments, schema: object
) -> Body:
    one = merged(document, schema)
    data: list[str] = []
    files: list[str] = []
    sent: list[str] = []
    for name, value in one.properties.items():
        own = argument(name, found.taken)
        found.taken.add(own)
        target = document.resolved(value)
        is_required = name in one.required
        code, entry, is_file = _part(target, document, models, own, is_required=is_required)
        nullable = code if code == "Any" else f"{code} | None"
        found.named.append(f"{own}: {code}" if is_required else f"{own}: {nullable} = None")
        (files if is_file else data).append(f"{literal(name)}: {entry}")
        words = sentence(remark(mapping(value).get("description")) or remark(target.get("description")))
        if words:
            found.words[own] = words
    result = Body()
    for key, entries in (("data", data), ("files", files)):
        if entries:
            result.before.append((key, entries))
            sent.append(f"{key}=_given({key})")
    return Body(sent, result.before)


def _part(
    target: dict[str, Any], document: Document, models: Models, own: str, *, is_required: bool
) -> tuple[str, str, bool]:
    """Return the annotation of a part of a form, the expression that is sent, and whether it is a file."""
    if _is_binary(target):
        return FILE, own, True
    kind = models.type(target, names.camel(own))
    if kind.code in ("str", "int", "float", "bool", "list[str]", "list[int]", "UUID"):
        return kind.code, own, False
    absent = "" if is_required else f" if {own} is not None else None"
    return "Any", f"encode({own}).decode(){absent}", False


def _is_binary(schema: dict[str, Any]) -> bool:
    is_bytes = schema.get("format") in ("binary", "byte")
    return is_bytes or "contentMediaType" in schema or "contentEncoding" in schema
