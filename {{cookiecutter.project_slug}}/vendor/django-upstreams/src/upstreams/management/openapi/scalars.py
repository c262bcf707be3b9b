"""Types of single values."""

from typing import Any

from upstreams.management.openapi.text import printable
from upstreams.management.openapi.types import ANY, NONE, STR, TEXT, Member, Type, plain, without_rivals

FORMATS = {"date-time": "dt.datetime", "date": "dt.date", "uuid": "UUID"}
"""Formats whose text has one form; decimals, URLs and bytes stay the text that they are."""
SCALARS = {
    "boolean": plain("bool", "bool"),
    "integer": plain("int", "int"),
    "number": plain("float", "float"),
    "null": Type((NONE,)),
    "string": STR,
}
KINDS = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"))
MAX_VALUES = 12
"""Values of an enumeration that a docstring names."""
MAX_VALUE = 40


def scalar(schema: dict[str, Any]) -> Type:
    """Return the type of text, a number, true, false or null; anything where the schema does not say."""
    kind = schema.get("type")
    if not isinstance(kind, str) or kind not in SCALARS:
        return ANY
    form = schema.get("format")
    if kind == "string" and isinstance(form, str) and form in FORMATS:
        return plain(FORMATS[form], TEXT)
    return SCALARS[kind]


def enumerated(values: list[Any]) -> Type:
    """Return the type of one of some values. It is open: an upstream gets new values before its callers do."""
    members: list[Member] = []
    for value in values:
        kind = next((name for of, name in KINDS if isinstance(value, of)), "null" if value is None else "")
        if not kind:
            return ANY
        members += SCALARS[kind].members
    if not members:
        return ANY
    return Type(tuple(without_rivals(members)[0]), choices(values))


def choices(values: list[Any]) -> str:
    """Return the sentence that names the values."""
    named = [value for value in values if value not in ("", None)]
    shown = [
        printable(value[: 2 * MAX_VALUE])[:MAX_VALUE] if isinstance(value, str) else repr(value)
        for value in named[:MAX_VALUES]
    ]
    more = f" and {len(named) - MAX_VALUES} more" if len(named) > MAX_VALUES else ""
    return f"{', '.join(f'`{value}`' for value in shown if value)}{more}"
