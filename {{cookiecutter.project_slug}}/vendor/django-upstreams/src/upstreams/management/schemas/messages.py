"""What is wrong with a value, and the place of the schema that says so, in one sentence."""

import json
from typing import TYPE_CHECKING, Any

from upstreams.management.openapi.document import Document
from upstreams.management.openapi.text import printable
from upstreams.management.schemas.pointers import Pointer, shown

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

MAX_ERRORS = 3
MAX_VALUE = 60
"""Characters of a value."""
PASSED = {"BacktrackLimitExceeded", "OneOfMultipleValid", "RegexEngineFailure"}
"""Errors that are let pass: values that fit two members of a `oneOf`, which upstreams often send, and patterns of
which a match takes too long."""


def described(errors: "list[ValidationError]", document: Document, name: str) -> str:
    """Return a sentence for what is wrong; empty if there are no errors.

    Args:
        errors: of one value.
        document: whose schema they are by.
        name: of its file.
    """
    found = [inner for error in real(errors) for inner in _innermost(error)]
    parts = list(dict.fromkeys(_sentence(error, document, name) for error in found))
    more = f"; and {len(parts) - MAX_ERRORS} more" if len(parts) > MAX_ERRORS else ""
    return "; ".join(parts[:MAX_ERRORS]) + more


def real(errors: "list[ValidationError]") -> "list[ValidationError]":
    """Return the errors that are not let pass."""
    return [
        error
        for error in errors
        if type(error.kind).__name__ not in PASSED and all(real(member) for member in _members(error))
    ]


def _members(error: "ValidationError") -> "list[list[ValidationError]]":
    """Return the errors of each member of a union."""
    context: list[list[ValidationError]] | None = getattr(error.kind, "context", None)
    return context or []


def _innermost(error: "ValidationError") -> "list[ValidationError]":
    """Return what is wrong with the member of a union that was most probably meant."""
    members = [[inner for one in real(member) for inner in _innermost(one)] for member in _members(error)]
    if not members:
        return [error]
    here = len(error.instance_path)
    best = min(members, key=lambda member: (_is_another(member, here), len(member)))
    return [error] if _is_another(best, here) else best


def _is_another(member: "list[ValidationError]", here: int) -> bool:
    """Return whether a member of a union is of another type, or has another constant."""
    return any(
        (type(one.kind).__name__ in ("Type", "Enum", "Constant") and len(one.instance_path) == here)
        or type(one.kind).__name__ == "Constant"
        or (type(one.kind).__name__ == "Enum" and getattr(one.kind, "options", [0, 0])[1:] == [])
        for one in member
    )


def _sentence(error: "ValidationError", document: Document, name: str) -> str:
    kind = type(error.kind).__name__
    at = "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.instance_path)
    value = _value(error.instance)
    match kind:
        case "Required":
            what = f"{at}.{getattr(error.kind, 'property', '')} is missing"
        case "AdditionalProperties":
            what = f"{at} has {', '.join(getattr(error.kind, 'unexpected', []))}, which are not in the schema"
        case "Type":
            types = " or ".join(getattr(error.kind, "types", []))
            what = (
                f"{at}: {value} is not {types}"
                if types == "null"
                else f"{at}: {value} is not of type {types}"
            )
        case "Enum":
            options = ", ".join(_value(one) for one in getattr(error.kind, "options", [])[:10])
            what = f"{at}: {value} is not one of {options}"
        case "Format":
            what = f"{at}: {value} is not of format {getattr(error.kind, 'format', '')}"
        case "Pattern":
            what = f"{at}: {value} does not match the pattern {getattr(error.kind, 'pattern', '')}"
        case "AnyOf" | "OneOfNotValid":
            what = f"{at}: {value} fits none of the schemas"
        case _:
            what = f"{at}: {error.message}"
    place = shown(_place(error, document))
    return printable(f"{what} ({name}, {place})")


def _value(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}…"


def _place(error: "ValidationError", document: Document) -> Pointer:
    """Return where the keyword is in the recorded schema; a step that only its translation has is left out."""
    found: list[str] = []
    here: Any = document.root
    for part in error.schema_path:
        key = str(part)
        if isinstance(here, dict) and key in here:
            here = here[key]
        elif isinstance(here, list) and key.isdecimal() and int(key) < len(here):
            here = here[int(key)]
        else:
            continue
        found.append(key)
    return tuple(found)
