"""Finds what a project has recorded of its upstreams: schemas, and cassettes of tests. Needs no Django."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SCHEMA = "_openapi.json"
CASSETTES = "cassettes"
SKIPPED_FOLDERS = {"__pycache__", "media", "node_modules", "site-packages", "staticfiles"}
"""Besides hidden folders and virtual environments, as `make dev` skips them."""
RECORDED = re.compile(r"^([a-z][a-z0-9_]*):\n +recorded:", re.MULTILINE)
"""How the part of an upstream begins in a cassette."""


@dataclass
class Recordings:
    """What was recorded of one upstream.

    Attributes:
        schema: the file of its OpenAPI schema, if there is one.
        cassettes: the files that have exchanges with it.
    """

    schema: Path | None = None
    cassettes: list[Path] = field(default_factory=list)

    def files(self) -> list[Path]:
        """Return all files."""
        return [*([self.schema] if self.schema else []), *self.cassettes]


def find_recordings(root: Path) -> dict[str, Recordings]:
    """Return what there is below a folder, by alias, in order of the aliases.

    Args:
        root: the folder of a project.
    """
    found: dict[str, Recordings] = {}
    for path in _files(root):
        if path.name.endswith(SCHEMA):
            found.setdefault(path.name.removesuffix(SCHEMA), Recordings()).schema = path
        elif path.suffix == ".yaml" and path.parent.parent.name == CASSETTES:
            for alias in RECORDED.findall(_text(path)):
                found.setdefault(alias, Recordings()).cassettes.append(path)
    return dict(sorted(found.items()))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="replace")
    except OSError:  # removed meanwhile
        return ""


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        if "pyvenv.cfg" in names:
            folders.clear()
            continue
        folders[:] = sorted(one for one in folders if not one.startswith(".") and one not in SKIPPED_FOLDERS)
        yield from (Path(folder, name) for name in sorted(names) if not name.startswith("."))
