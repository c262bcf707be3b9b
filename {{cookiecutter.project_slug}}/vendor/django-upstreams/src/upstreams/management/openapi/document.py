"""A schema, and what its references refer to."""

from typing import Any
from urllib.parse import unquote

from upstreams.management.openapi.errors import SchemaError
from upstreams.management.openapi.text import printable

MAX_REFERENCES = 50
"""References in a row, each of which refers to the next one."""


class Document:
    """An OpenAPI document, 3.0 or 3.1.

    Args:
        schema: as read.

    Raises:
        SchemaError: it is of another version, or has no paths.
    """

    def __init__(self, schema: dict[str, Any]) -> None:
        version = schema.get("openapi")
        if "swagger" in schema and version is None:
            raise SchemaError(
                "the schema is Swagger 2.0; convert it to OpenAPI 3 first, such as by npx swagger2openapi"
            )
        if not isinstance(version, str) or not version.startswith(("3.0", "3.1")):
            what = f"openapi: {printable(version)[:20]}" if version is not None else "no key `openapi`"
            raise SchemaError(f"the schema has {what}; use OpenAPI 3.0 or 3.1")
        self.root = schema
        self.paths = mapping(schema.get("paths"))
        if not self.paths:
            raise SchemaError("the schema has no paths: there is nothing to call")

    def components(self, kind: str) -> dict[str, Any]:
        """Return the components of a kind, such as `schemas`."""
        return mapping(mapping(self.root.get("components")).get(kind))

    def target(self, ref: object) -> Any:
        """Return what a reference refers to, which may be a reference again.

        Raises:
            SchemaError: it refers to another document, or to nothing.
        """
        if not isinstance(ref, str) or not ref.startswith("#"):
            raise SchemaError(
                f"$ref: {shown(ref)} is outside of the schema; "
                "bundle it into one file first, such as by npx @redocly/cli bundle"
            )
        found: Any = self.root
        for part in ref[1:].split("/")[1:]:
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            if isinstance(found, list) and key.isdecimal() and len(key) < 6 and int(key) < len(found):
                found = found[int(key)]
            elif isinstance(found, dict) and key in found:
                found = found[key]
            else:
                raise SchemaError(f"$ref: {shown(ref)} is not in the schema")
        return found

    def resolved(self, value: object) -> dict[str, Any]:
        """Return an object, or what its reference refers to at last; empty if that is no object.

        Raises:
            SchemaError: as `target`, or the references refer to each other.
        """
        for _ in range(MAX_REFERENCES):
            if not isinstance(value, dict):
                return {}
            if "$ref" not in value:
                return value
            value = self.target(value["$ref"])
        raise SchemaError("$ref: references refer to each other in a circle")


def shown(ref: object) -> str:
    """Return a reference for a message, without what may be secret."""
    return (
        printable(ref).partition("?")[0][:100] if isinstance(ref, str) and "@" not in ref else "a reference"
    )


def mapping(value: object) -> dict[str, Any]:
    """Return an object of the schema; empty if it is something else."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """Return a list of the schema; empty if it is something else."""
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    """Return text of the schema; empty if it is something else."""
    return value if isinstance(value, str) else ""
