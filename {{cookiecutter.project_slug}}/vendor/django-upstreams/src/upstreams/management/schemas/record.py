"""The file of a recorded schema: its text, where it comes from, and whether somebody has edited it."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from upstreams.management.openapi.document import Document, items, mapping, text
from upstreams.management.openapi.errors import SchemaError
from upstreams.management.openapi.operations import Operation
from upstreams.management.openapi.source import read
from upstreams.management.schemas.pruning import Pruned

KEY = "x-recorded"


def schema_file(folder: Path, name: str) -> Path:
    """Return where the schema of an upstream is recorded, beside its module; there need not be one.

    Args:
        folder: of the module.
        name: the alias.
    """
    return folder / f"{name}_openapi.json"


@dataclass(frozen=True)
class Origin:
    """Where a recorded schema comes from.

    Attributes:
        source: the path or the URL of the schema, without credentials and query.
        only: the operations that were named.
    """

    source: str
    only: list[str]


def recorded_text(document: Document, operations: list[Operation], origin: Origin) -> str:
    """Return the text of the file: sorted, so that a difference of it is one of the schema.

    Args:
        document: the whole schema.
        operations: that are kept.
        origin: of the schema.

    Raises:
        SchemaError: a reference leads nowhere.
    """
    found = Pruned(document, operations).document()
    head = {"from": origin.source, "only": origin.only, "digest": digest(found)}
    whole = {
        "openapi": found.pop("openapi"),
        KEY: head,
        **{key: _sorted(value) for key, value in found.items()},
    }
    return json.dumps(whole, indent=2, ensure_ascii=False).encode(errors="replace").decode() + "\n"


def digest(document: dict[str, Any]) -> str:
    """Return the checksum of a schema, whatever its form."""
    plain = {key: value for key, value in document.items() if key != KEY}
    content = json.dumps(plain, sort_keys=True, ensure_ascii=False).encode(errors="replace")
    return hashlib.sha256(content).hexdigest()[:16]


def read_record(path: Path, source: str | None = None) -> tuple[dict[str, Any], Origin]:
    """Return a recorded schema, and where it comes from.

    Args:
        path: of the record.
        source: where it comes from, if the record need not say so.

    Raises:
        SchemaError: it cannot be read, or nothing says where it comes from.
    """
    try:
        document = read(str(path))
    except SchemaError as error:
        raise SchemaError(f"{path.name}: {error}") from None
    head = mapping(document.get(KEY))
    origin = source or text(head.get("from"))
    if not origin:
        raise SchemaError(f"{path.name} does not say where its schema comes from: name that by --openapi")
    return document, Origin(origin, [one for one in items(head.get("only")) if isinstance(one, str)])


def is_edited(path: Path) -> bool:
    """Return whether somebody has changed a recorded schema by hand; its form may be another one."""
    try:
        document = read(str(path))
    except SchemaError:
        return True
    return mapping(document.get(KEY)).get("digest") != digest(document)


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(one) for one in value] if isinstance(value, list) else value
