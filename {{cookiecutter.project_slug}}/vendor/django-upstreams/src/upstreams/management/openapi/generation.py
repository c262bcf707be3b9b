"""`manage.py startupstream NAME --openapi FILE|URL`: writes an upstream from its schema, and writes it again."""

import shlex
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from upstreams.management.openapi import files
from upstreams.management.openapi.document import Document
from upstreams.management.openapi.errors import SchemaError
from upstreams.management.openapi.module import Written, module
from upstreams.management.openapi.operations import Operation
from upstreams.management.openapi.servers import Entry, entry
from upstreams.management.openapi.source import read


@dataclass
class Generated:
    """What a schema becomes.

    Attributes:
        schema: the path of the module that is the schema's.
        text: of that module.
        texts: of the team's files, which are written once.
        entry: of the settings.
        document: the whole schema.
        operations: those that are written.
        notes: lines for the person who runs the command.
    """

    schema: Path
    text: str
    texts: dict[Path, str]
    entry: Entry
    document: Document
    operations: list[Operation]
    notes: list[str] = field(default_factory=list)


def generate(
    source: str, name: str, cls: str, package: str, folder: Path, only: list[str], url: str | None
) -> Generated:
    """Return what to write for a schema.

    Args:
        source: the path or the URL of the schema.
        name: the alias.
        cls: the name of the team's class.
        package: that the modules go into.
        folder: of the package.
        only: operations; all if it is empty.
        url: its BASE_URL, if not that of the schema.

    Raises:
        SchemaError: the schema cannot be used.
    """
    try:
        document = Document(read(source))
        written = module(document, name, cls, only, command(name, source, only))
        origin = source if "://" in source else ""
        operations = [method.operation for method in written.methods]
        found = entry(document, name, url, origin, operations)
    except RecursionError:
        raise SchemaError("the schema is nested too deeply") from None
    return Generated(
        folder / f"{name}_schema.py",
        files.formatted(written.text),
        _own_files(name, cls, package, folder, document, written),
        found,
        document,
        operations,
        [*written.notes, *found.notes],
    )


def _own_files(
    name: str, cls: str, package: str, folder: Path, document: Document, written: Written
) -> dict[Path, str]:
    tests = folder if (folder / "tests.py").exists() else folder / "tests"
    texts = {folder / f"{name}.py": files.module(name, cls, written.cls, package)}
    if text := files.test(name, package, document, written):
        texts[tests / f"test_{name}.py"] = files.formatted(text)
        if not (tests / "__init__.py").exists():
            texts[tests / "__init__.py"] = ""
    return texts


def command(name: str, source: str, only: list[str]) -> str:
    """Return the command that writes the module again, without credentials, for its docstring."""
    safe = "".join(char for char in shown_source(source) if char.isprintable() and char not in '`"\\')
    chosen = f" --only {','.join(one for one in only if one.isprintable())}" if only else ""
    return f"manage.py startupstream {name} --openapi {shlex.quote(safe)}{chosen}".replace('"', "").replace(
        "\\", ""
    )


def shown_source(source: str) -> str:
    """Return the path or the URL of a schema as it is written down: without credentials, the same for everybody."""
    if "://" in source:
        parts = urlsplit(source)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    return Path(source).name if Path(source).is_absolute() else source
