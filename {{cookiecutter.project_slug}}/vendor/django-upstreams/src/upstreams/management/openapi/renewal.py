"""What a schema that has changed would change in the module that was written from it."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from upstreams.management.openapi import files
from upstreams.management.openapi.generation import generate

MARK = re.compile(r"\n# Written as ([0-9a-f]{16})[^\n]*\n\Z")
FORM = re.compile(r"[\s,()'\"]+")
"""What a formatter may change."""


@dataclass
class Plan:
    """What is written, or what is different.

    Attributes:
        path: of the module of the schema.
        text: of that module.
        texts: all files of an upstream that is new.
        entry: lines for the settings.
        notes: lines for the person who runs the command.
    """

    path: Path
    text: str
    texts: dict[Path, str]
    entry: list[str]
    notes: list[str]

    @property
    def is_new(self) -> bool:
        return not self.path.exists()

    @property
    def is_edited(self) -> bool:
        """Whether somebody has changed the module by hand; a formatter may."""
        text = self.path.read_text(encoding="utf-8")
        mark = MARK.search(text)
        return mark is None or mark[1] != digest(text[: mark.start()])

    def difference(self, name: str) -> str:
        """Return the unified diff; empty if nothing but the form is different.

        Args:
            name: of the module, for the diff.
        """
        if FORM.sub("", self.path.read_text(encoding="utf-8")) == FORM.sub("", self.text):
            return ""
        return files.difference(self.path, self.text, name)

    def replace(self) -> None:
        """Write the module at once, so that it is never half written."""
        half = self.path.with_name(f".{self.path.name}.new")
        half.write_text(self.text, encoding="utf-8")
        half.replace(self.path)


def plan(
    source: str, name: str, cls: str, package: str, folder: Path, only: list[str], url: str | None
) -> Plan:
    """Return what to write for a schema; the arguments are those of `generate`.

    Raises:
        SchemaError: the schema cannot be used.
    """
    found = generate(source, name, cls, package, folder, only, url)
    text = marked(found.text)
    return Plan(found.schema, text, {found.schema: text, **found.texts}, found.entry.lines, found.notes)


def marked(text: str) -> str:
    """Return a module with a last line by which an edit of it is noticed."""
    whole = text.rstrip("\n")
    return f"{whole}\n\n# Written as {digest(whole)}; edits are noticed by it.\n"


def digest(text: str) -> str:
    """Return the checksum of a module, whatever its form."""
    return hashlib.sha256(FORM.sub("", text).encode()).hexdigest()[:16]
