"""Takes an example upstream out of a project: its files, and what is marked `# example: NAME` anywhere else.

The mark alone in the first line of a file means the whole file. At the end of a line it means this line and the
lines below it that are indented deeper. Alone in a line it means the next line in the same way.
"""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

SUFFIXES = {".cfg", ".env", ".ini", ".md", ".py", ".toml", ".txt", ".yaml", ".yml"}
NAMES = {".env.example", "Dockerfile", "Makefile", "Procfile"}
SKIPPED_FOLDERS = {"__pycache__", "node_modules", "vendor"}
MAX_SIZE = 500_000
MAX_MENTIONS = 20
EMPTY_BRACKETS = re.compile(r"([\[({])\n\s*([\])}])")
ONLY_EMPTY_BRACKETS = re.compile(r"\(\n\s*(\[\]|\{\}),?\n\s*\)")


def remove(name: str, package: Path, root: Path) -> list[str]:
    """Remove an upstream, and return one line for each file that was deleted or changed.

    Args:
        name: its alias.
        package: the folder of its module.
        root: the folder of the project.
    """
    own = (
        f"{name}.py",
        f"{name}_schema.py",
        f"{name}_openapi.json",
        f"tests/test_{name}.py",
        f"test_{name}.py",
    )
    deleted = [package / file for file in own if (package / file).exists()]
    changed: dict[Path, str] = {}
    for path, text in _texts(root):
        if path in deleted:
            continue
        kept = without_marked(text, name)
        if kept is None:
            deleted.append(path)
        elif kept != text:
            changed[path] = kept
    for path in deleted:
        path.unlink()
    shutil.rmtree(
        root / ".mypy_cache", ignore_errors=True
    )  # django-stubs would look for models that are gone
    for path, text in changed.items():
        path.write_bytes(text.encode(errors="surrogateescape"))
    emptied = _delete_emptied({path.parent for path in deleted}, keep={root, package, package / "tests"})
    done = dict.fromkeys([*deleted, *emptied], "Deleted") | dict.fromkeys(changed, "Changed")
    return [f"{what} {path.relative_to(root)}" for path, what in sorted(done.items())]


def mentions(name: str, root: Path) -> list[str]:
    """Return `file:line: text` of lines that name an upstream."""
    word = re.compile(rf"(?<![a-z0-9]){name}(?![a-z0-9])", re.IGNORECASE)
    found = [
        f"{path.relative_to(root)}:{number}: {line.strip()}"
        for path, text in sorted(_texts(root), key=lambda item: item[0].suffix == ".md")  # code first
        for number, line in enumerate(text.splitlines(), 1)
        if word.search(line.replace(root.resolve().name, ""))  # the project's own name may contain it
    ]
    more = len(found) - MAX_MENTIONS
    return [*found[:MAX_MENTIONS], f"and {more} more"] if more > 0 else found


def without_marked(text: str, name: str) -> str | None:
    """Return a text without what is marked, or None if all of it is."""
    mark = re.compile(rf"[ \t]*(?:#|<!--) example: {name}(?: -->)?[ \t]*$")
    lines = text.split("\n")
    if any(mark.fullmatch(line) for line in lines[: 2 if text.startswith("#!") else 1]):
        return None
    kept: list[str] = []
    at = 0
    while at < len(lines):
        if mark.search(lines[at]) is None:
            kept.append(lines[at])
            at += 1
            continue
        at = _end_of_block(lines, at + 1 if mark.fullmatch(lines[at]) else at, mark)
        while at < len(lines) and not lines[at].strip() and not (kept and kept[-1].strip()):
            at += 1  # a blank line after a blank line
    if len(kept) == len(lines):
        return text
    return ONLY_EMPTY_BRACKETS.sub(r"(\1)", EMPTY_BRACKETS.sub(r"\1\2", "\n".join(kept).rstrip("\n") + "\n"))


def _end_of_block(lines: list[str], first: int, mark: re.Pattern[str]) -> int:
    head = mark.sub("", lines[first])
    indent = _indent(head)
    end = at = first + 1
    while at < len(lines) and (not lines[at].strip() or _indent(lines[at]) > indent):
        at += 1
        if lines[at - 1].strip():
            end = at
    closes = head.endswith(("(", "[", "{")) and end < len(lines) and lines[end].strip()[:1] in {")", "]", "}"}
    return end + 1 if closes else end


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _texts(root: Path) -> Iterator[tuple[Path, str]]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(one for one in folders if _is_ours(Path(folder, one)))
        for path in (Path(folder, name) for name in sorted(names)):
            is_text = path.suffix in SUFFIXES or path.name in NAMES
            if is_text and not path.is_symlink() and path.stat().st_size < MAX_SIZE:
                yield path, path.read_bytes().decode(errors="surrogateescape")


def _is_ours(folder: Path) -> bool:
    hidden = folder.name.startswith(".") and folder.name != ".github"
    return not hidden and folder.name not in SKIPPED_FOLDERS and not (folder / "pyvenv.cfg").exists()


def _delete_emptied(folders: set[Path], keep: set[Path]) -> list[Path]:
    emptied: list[Path] = []
    for folder in sorted(folders, reverse=True):
        while folder not in keep and folder.exists() and not any(map(_has_content, folder.rglob("*"))):
            shutil.rmtree(folder)
            emptied.append(folder)
            folder = folder.parent
    return emptied


def _has_content(path: Path) -> bool:
    if path.is_dir() or path.parent.name == "__pycache__":
        return False
    return path.name != "__init__.py" or path.stat().st_size > 0
