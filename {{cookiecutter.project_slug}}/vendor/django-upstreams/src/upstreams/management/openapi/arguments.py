"""The arguments of a method, and where the call puts them."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from upstreams.management.openapi import names
from upstreams.management.openapi.document import Document, items, mapping, text
from upstreams.management.openapi.models import Models
from upstreams.management.openapi.operations import RESERVED, Operation, argument, path_template
from upstreams.management.openapi.scalars import choices
from upstreams.management.openapi.text import literal, remark, sentence
from upstreams.management.openapi.types import STR, Type

NOT_SENT = {"accept", "content-type", "authorization"}
"""Headers that OpenAPI describes elsewhere."""
DELIMITERS = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}
MAX_LITERAL = 60
"""Characters of the values of an argument that its annotation names."""


@dataclass
class Arguments:
    """The arguments of a method.

    Attributes:
        positional, named: code of each, such as `limit: int | None = None`.
        words: name -> the sentence about it.
        query, headers: entries of a dict: the schema's name and an expression.
        is_partial: whether an entry of the query, or of the headers, may be None.
        more: further arguments of the call.
        taken: names that are in use.
        missing: what is not sent.
    """

    template: str = ""
    positional: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    query: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    is_partial: set[str] = field(default_factory=set)
    more: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=lambda: set(RESERVED))
    missing: list[str] = field(default_factory=list)


def arguments(operation: Operation, document: Document, models: Models) -> Arguments:
    """Return the arguments for the path, the query and the headers of an operation."""
    found = Arguments()
    found.template, in_path = path_template(operation.path)
    parameters = {(text(one["in"]), text(one["name"])): one for one in operation.parameters}
    found.taken |= set(in_path.values())
    for name, own in in_path.items():
        _in_path(found, own, parameters.get(("path", name), {}), document, models)
    query = operation.path.partition("#")[0].partition("?")[2]
    found.query += [f"{literal(name)}: {literal(value)}" for name, value in parse_qsl(query)]
    for (place, name), one in parameters.items():
        if place == "query":
            _in_query(found, operation, name, one, document, models)
        elif place == "header" and name.lower() not in NOT_SENT:
            _in_header(found, operation, name, one, document, models)
        elif place == "cookie":
            found.missing.append(f"the cookie {name}")
    return found


def kind_of(operation: Operation, one: dict[str, Any], document: Document, models: Models) -> Type:
    """Return the type of a parameter."""
    return models.type(_schema(one), names.camel(f"{operation.name}_{text(one.get('name'))}", "Value"))


def _schema(one: dict[str, Any]) -> Any:
    if "schema" in one:
        return one["schema"]
    return mapping(next(iter(mapping(one.get("content")).values()), {})).get("schema", {})


def _annotation(found: Type, one: dict[str, Any], document: Document) -> tuple[str, str]:
    """Return the annotation of what is sent, and a note: the values, where they are few, or their names."""
    schema = document.resolved(_schema(one))
    values = items(schema.get("enum"))
    if 0 < len(values) <= MAX_LITERAL and all(
        isinstance(value, str) and value.isprintable() for value in values
    ):
        listed = ", ".join(literal(value) for value in dict.fromkeys(values))
        if len(listed) <= MAX_LITERAL:
            return f"Literal[{listed}]", ""
        return found.code, choices(values)
    return found.code, found.note


def _describe(found: Arguments, own: str, one: dict[str, Any], note: str) -> None:
    words = [
        "Deprecated." if one.get("deprecated") is True else "",
        sentence(remark(one.get("description"))),
        sentence(note),
    ]
    if any(words):
        found.words[own] = " ".join(filter(None, words))


def _in_path(found: Arguments, own: str, one: dict[str, Any], document: Document, models: Models) -> None:
    kind = models.type(_schema(one), names.camel(own)) if one else STR
    code, note = _annotation(kind, one, document)
    plain = code if code in ("str", "int", "UUID") or code.startswith("Literal[") else "str"
    found.positional.append(f"{own}: {plain}")
    found.more.append(f"{own}={own}")
    _describe(found, own, one, note)


def _add(found: Arguments, own: str, code: str, *, is_required: bool) -> None:
    found.taken.add(own)
    nullable = code if code == "Any" or code.endswith("| None") else f"{code} | None"
    found.named.append(f"{own}: {code}" if is_required else f"{own}: {nullable} = None")


def _in_query(
    found: Arguments, operation: Operation, name: str, one: dict[str, Any], document: Document, models: Models
) -> None:
    own = argument(name, found.taken)
    kind = kind_of(operation, one, document, models)
    code, note = _annotation(kind, one, document)
    is_required = one.get("required") is True
    shape = kind.members[0].kind if len(kind.members) == 1 else ""
    is_json = "content" in one and "schema" not in one
    style, explode = text(one.get("style")) or "form", one.get("explode", one.get("style", "form") == "form")
    absent = "" if is_required else f" if {own} is not None else None"
    entry = f"{literal(name)}: {own}"
    if is_json:
        code, entry = "Any", f"{literal(name)}: encode({own}).decode(){absent}"
    elif shape in ("object", "struct"):
        code = "dict[str, Any]"
        name_of = f", {literal(name)}" if style == "deepObject" else ""
        entry = f"**_form({own}{name_of})"
    elif shape == "list":
        items_are = models.type(document.resolved(_schema(one)).get("items"), "Item").code
        code = code if items_are in ("str", "int", "float", "bool") else "list[str]"
        if explode is not True:
            by = literal(DELIMITERS.get(style, ","))
            entry = f"{literal(name)}: {by}.join(map(str, {own})){absent}"
    elif kind.code == "dt.datetime":
        entry = f"{literal(name)}: {own}.isoformat(){absent}"
    elif len(kind.members) > 1 and any(
        member.kind in ("object", "struct", "list") for member in kind.members
    ):
        code = "Any"
    _add(found, own, code, is_required=is_required)
    found.query.append(entry)
    if not is_required or kind.is_nullable:
        found.is_partial.add("query")
    _describe(found, own, one, note)


def _in_header(
    found: Arguments, operation: Operation, name: str, one: dict[str, Any], document: Document, models: Models
) -> None:
    is_required = one.get("required") is True
    if name.lower() == "idempotency-key":
        found.named.append("idempotency_key: str" if is_required else "idempotency_key: str | None = None")
        found.more.append("idempotency_key=idempotency_key")
        found.words["idempotency_key"] = "By it, the call may be retried."
        return
    own = argument(name, found.taken)
    code, note = _annotation(kind_of(operation, one, document, models), one, document)
    code = code if code in ("str", "int") or code.startswith("Literal[") else "str"
    value = own if code != "int" else f"str({own})"
    absent = "" if is_required or value == own else f" if {own} is not None else None"
    _add(found, own, code, is_required=is_required)
    found.headers.append(f"{literal(name)}: {value}{absent}")
    if not is_required:
        found.is_partial.add("headers")
    _describe(found, own, one, note)
