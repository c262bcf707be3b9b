"""JSON pointers (RFC 6901): where something is in a document."""

from typing import Any
from urllib.parse import quote, unquote

from upstreams.management.openapi.document import Document

Pointer = tuple[str, ...]
MAX_REFERENCES = 50


def reference(pointer: Pointer) -> str:
    """Return a pointer as the fragment of a URL."""
    return "#" + "".join(f"/{quote(escaped(part), safe='~')}" for part in pointer)


def escaped(part: str) -> str:
    """Return a key as a part of a pointer."""
    return part.replace("~", "~0").replace("/", "~1")


def parsed(ref: str) -> Pointer:
    """Return the pointer of a reference within its document."""
    return tuple(
        unquote(part).replace("~1", "/").replace("~0", "~") for part in ref.partition("#")[2].split("/")[1:]
    )


def shown(pointer: Pointer) -> str:
    """Return a pointer for a message."""
    return "/".join(map(escaped, pointer))


def located(document: Document, value: object, pointer: Pointer) -> tuple[dict[str, Any], Pointer]:
    """Return an object, or what its reference refers to at last, and where that is.

    Raises:
        SchemaError: as `Document.resolved`.
    """
    found = document.resolved(value)
    for _ in range(MAX_REFERENCES):
        if not isinstance(value, dict) or "$ref" not in value:
            break
        pointer = parsed(value["$ref"])
        value = document.target(value["$ref"])
    return found, pointer
