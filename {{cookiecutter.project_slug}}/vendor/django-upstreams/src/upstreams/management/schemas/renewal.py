"""What a schema that has changed would change in the module that was written from it."""

import hashlib
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from upstreams.core.extras import needed
from upstreams.management.openapi import files
from upstreams.management.openapi.errors import SchemaError
from upstreams.management.openapi.generation import generate, shown_source
from upstreams.management.schemas.record import Origin, is_edited, recorded_text, schema_file

LARGE = 2_000_000
"""Bytes of a recorded schema that nobody likes in a repository."""
MARK = re.compile(r"\n# Written as ([0-9a-f]{16})[^\n]*\n\Z")
FORM = re.compile(r"[\s,()'\"]+")
"""What a formatter may change."""


@dataclass
class Plan:
    """What is written, or what is different.

    Attributes:
        path: of the module of the schema.
        text: of that module.
        record: the path of the schema beside it.
        recorded: the text of that.
        texts: all files of an upstream that is new.
        entry: lines for the settings.
        notes: lines for the person who runs the command.
    """

    path: Path
    text: str
    record: Path
    recorded: str
    texts: dict[Path, str]
    entry: list[str]
    notes: list[str]

    @property
    def is_new(self) -> bool:
        return not self.path.exists()

    @property
    def edited(self) -> Path | None:
        """The file that somebody has changed by hand, if any; a formatter may."""
        text = self.path.read_text(encoding="utf-8")
        mark = MARK.search(text)
        if mark is None or mark[1] != digest(text[: mark.start()]):
            return self.path
        return self.record if self.record.exists() and is_edited(self.record) else None

    def difference(self, root: Path) -> str:
        """Return the unified diff; empty if nothing but the form is different.

        Args:
            root: of the project, for the names in the diff.
        """
        name = str(self.path.relative_to(root))
        is_same = FORM.sub("", self.path.read_text(encoding="utf-8")) == FORM.sub("", self.text)
        found = "" if is_same else files.difference(self.path, self.text, name)
        name = str(self.record.relative_to(root))
        if not self.record.exists():
            return f"{found}{name} is not there yet.\n"
        is_same = FORM.sub("", self.record.read_text(encoding="utf-8")) == FORM.sub("", self.recorded)
        return found if is_same else found + files.difference(self.record, self.recorded, name)

    def replace(self) -> None:
        """Write both files, each at once, so that none is half written."""
        for path, text in ((self.path, self.text), (self.record, self.recorded)):
            half = path.with_name(f".{path.name}.new")
            half.write_text(text, encoding="utf-8")
            half.replace(path)


def plan(
    source: str, name: str, cls: str, package: str, folder: Path, only: list[str], url: str | None
) -> Plan:
    """Return what to write for a schema; the arguments are those of `generate`.

    Raises:
        SchemaError: the schema cannot be used.
    """
    found = generate(source, name, cls, package, folder, only, url)
    text = marked(found.text)
    record = schema_file(folder, name)
    try:
        recorded = recorded_text(found.document, found.operations, Origin(shown_source(source), only))
    except RecursionError:
        raise SchemaError("the schema is nested too deeply") from None
    texts = {found.schema: text, record: recorded, **found.texts}
    notes = [*found.notes, *_notes(name, recorded)]
    return Plan(found.schema, text, record, recorded, texts, found.entry.lines, notes)


def _notes(name: str, recorded: str) -> list[str]:
    notes = []
    if len(recorded) > LARGE:
        notes.append(
            f"{schema_file(Path(), name)} has {len(recorded) / 1e6:.1f} MB; name the operations that you call by --only"
        )
    if find_spec("jsonschema_rs") is None:
        notes.append(needed(f"A test with a mock of {name}", "openapi"))
    return notes


def marked(text: str) -> str:
    """Return a module with a last line by which an edit of it is noticed."""
    whole = text.rstrip("\n")
    return f"{whole}\n\n# Written as {digest(whole)}; edits are noticed by it.\n"


def digest(text: str) -> str:
    """Return the checksum of a module, whatever its form."""
    return hashlib.sha256(FORM.sub("", text).encode()).hexdigest()[:16]
