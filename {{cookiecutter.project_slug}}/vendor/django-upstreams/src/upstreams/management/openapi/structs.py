"""Writes classes and unions."""

from typing import Any

from upstreams.management.openapi import names
from upstreams.management.openapi.document import Document, text
from upstreams.management.openapi.layout import Group, lines, union
from upstreams.management.openapi.objects import Model
from upstreams.management.openapi.text import docstring, literal, paragraphs, remark, sentence
from upstreams.management.openapi.types import Type

OPTIONS = ("frozen=True", "kw_only=True", "omit_defaults=True")
SECRET = ("pass", "secret", "token", "pwd")
"""In a name: ruff takes text that is given to it for a password."""
DEFAULTS: dict[str, Any] = {"bool": bool, "int": int, "float": (int, float), "text": str}


def struct(model: Model, document: Document, *, is_sent: bool, is_received: bool) -> list[str]:
    """Return the lines of a class.

    Args:
        model: the class.
        document: the schema.
        is_sent: whether a request may hold one: then None and nothing differ where the schema allows null.
        is_received: whether a response may.
    """
    fields: list[str | Group] = []
    remarks: list[str] = []
    attributes: dict[str, str] = {}
    taken: set[str] = set()
    for name in model.fields:
        if model.tag is None or name != model.tag[0]:
            attributes[name] = names.unique(names.unreserved(names.snake(name), {"field"}), taken)
            taken.add(attributes[name])
    is_camel = sum(_camel(own) == name != own for name, own in attributes.items()) > 1
    for name, own in attributes.items():
        schema = document.resolved(model.merged.properties[name])
        given = own if not is_camel else _camel(own)
        renamed = "" if given == name else f"name={literal(name)}"
        one_way = (schema.get("readOnly") is True and is_sent) or (
            schema.get("writeOnly") is True and is_received
        )
        is_required = name in model.merged.required and not one_way
        fields.append(_field(own, model.fields[name], schema, renamed, is_required, is_sent))
        words = _words(model.merged.properties[name], schema, model.fields[name])
        if words:
            remarks.append(f"    {own}: {words}")
    documented = _docstring(model, remarks)
    return [
        *lines(
            Group(f"class {model.name}(", ("Struct", *OPTIONS, *_naming(is_camel), *_tag(model)), "):"), ""
        ),
        *(documented if fields else documented[:-1]),
        *[line for one in fields for line in lines(one, "    ")],
    ]


def alias(name: str, found: Type, description: str) -> list[str]:
    """Return the lines of a union with a name."""
    members = [member.code for member in found.members if member.kind != "none"]
    if found.is_nullable:
        members.append("None")
    return [
        *union(f"type {name} =", members),
        *(docstring([sentence(description)], "") if description else []),
    ]


def _field(
    own: str, found: Type, schema: dict[str, object], renamed: str, is_required: bool, is_sent: bool
) -> str | Group:
    if is_required:
        return Group(f"{own}: {found.code} = field(", (renamed,), ")") if renamed else f"{own}: {found.code}"
    code, default = found.or_none_code, "None"
    if found.is_nullable and is_sent and found.code != "Any":
        plain = found.code.removesuffix(" | None")
        code, default = f"{plain} | UnsetType{' | None' if plain != found.code else ''}", "UNSET"
    elif (value := _default(own, found, schema.get("default"))) is not None:
        code, default = found.code, value
    if not renamed:
        return f"{own}: {code} = {default}"
    return Group(f"{own}: {code} = field(", (f"default={default}", renamed), ")")


def _default(own: str, found: Type, value: object) -> str | None:
    """Return a default that is text, a number, true or false, and of the type."""
    if len(found.members) != 1 or found.members[0].code not in ("bool", "int", "float", "str"):
        return None
    kind = DEFAULTS[found.members[0].kind]
    if not isinstance(value, kind) or (isinstance(value, bool) and found.members[0].kind != "bool"):
        return None
    if isinstance(value, str):
        is_short = len(value) < 60 and value.isprintable() and not any(part in own for part in SECRET)
        return literal(value) if is_short else None
    return repr(value) if abs(value) < 10**15 else None


def _words(schema: object, target: dict[str, object], found: Type) -> str:
    own = schema if isinstance(schema, dict) else {}
    words = sentence(remark(own.get("description")) or remark(target.get("description")))
    note = sentence(found.note[:1].upper() + found.note[1:]) if found.note else ""
    old = "Deprecated." if target.get("deprecated") is True else ""
    return " ".join(filter(None, [old, words, note]))


def _docstring(model: Model, remarks: list[str]) -> list[str]:
    described = paragraphs(text(model.merged.description))
    said = [sentence(one) for one in described] or (
        [f"{model.name}, as the schema has it."] if remarks else []
    )
    if not said:
        return ['    """Fields that are not named here are ignored."""', ""]
    spaced = [line for one in said for line in (one, "")][:-1]
    return [*docstring([*spaced, *(["", "Attributes:", *remarks] if remarks else [])], "    "), ""]


def _naming(is_camel: bool) -> list[str]:
    return ['rename="camel"'] if is_camel else []


def _tag(model: Model) -> list[str]:
    if model.tag is None:
        return []
    field, value = model.tag
    return [
        f"tag_field={literal(field)}",
        f"tag={literal(value) if isinstance(value, str) else repr(value)}",
    ]


def _camel(name: str) -> str:
    first, *more = name.split("_")
    return first + "".join(part.title() for part in more)
