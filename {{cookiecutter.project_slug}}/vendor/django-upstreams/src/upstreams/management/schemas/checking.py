"""`manage.py startupstream NAME --check`: compares the schema that was recorded with the present one."""

from pathlib import Path

from upstreams.management.openapi.document import Document
from upstreams.management.openapi.errors import SchemaError
from upstreams.management.openapi.operations import Operation, all_of, unusable
from upstreams.management.openapi.source import read
from upstreams.management.schemas.changes import Change
from upstreams.management.schemas.comparison import changes
from upstreams.management.schemas.pruning import Pruned
from upstreams.management.schemas.record import read_record


def changes_since(record: Path, source: str | None) -> list[Change]:
    """Return what has changed in a schema since it was recorded.

    Args:
        record: the file of the schema.
        source: where the present one is; where the recorded one came from if it is None.

    Raises:
        SchemaError: one of them cannot be read.
    """
    recorded, origin = read_record(record, source)
    try:
        old = Document(recorded)
        new = Document(read(origin.source))
        kept = _kept(old, new, has_only=bool(origin.only))
        return changes(old, Document(Pruned(new, kept).document()) if kept else new)
    except RecursionError:
        raise SchemaError("the schema is nested too deeply") from None


def _kept(old: Document, new: Document, *, has_only: bool) -> list[Operation]:
    """Return the operations of the present schema that are compared: all of them, if nobody has named some."""
    known = {(one.method, one.path) for one in all_of(old, set())}
    return [
        one
        for one in all_of(new, set())
        if not unusable(one) and (not has_only or (one.method, one.path) in known)
    ]
