"""The fenced blocks of the documentation, and a project to run them in.

A block whose first line is a comment with a path is that file; with ", at the end" after the path it is added to it.
A block that cannot run has a comment before it: `<!-- not run: REASON -->`.
"""

import re
from pathlib import Path
from typing import NamedTuple

from testproject.paths import PACKAGE

PAGES = [PACKAGE / "README.md", *sorted((PACKAGE / "docs").glob("*.md"))]
FENCE = re.compile(
    r"^(?:<!-- not run: (?P<reason>[^\n]*?) -->\n)?(?P<indent> *)```(?P<language>[^\n]*)\n(?P<text>.*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)
PATH = re.compile(r"(?:#|;|--) (?P<path>[\w/.-]+\.\w+)(?P<end>, at the end)?\n")
MARKUP = {"text", "{toctree}", "{include} ../README.md", "{include} ../CHANGELOG.md"}
"""Not code: drawings, output and the table of contents."""


class Block(NamedTuple):
    """A fenced block.

    Attributes:
        path: the file that it is, if it is one.
        is_added: whether it comes at the end of that file.
        reason: why it cannot run.
    """

    language: str
    text: str
    path: str | None
    is_added: bool
    reason: str | None


def blocks(page: Path) -> list[Block]:
    found = []
    for fence in FENCE.finditer(page.read_text()):
        text = re.sub(f"^{fence['indent']}", "", fence["text"], flags=re.MULTILINE)
        path = PATH.match(text)
        found.append(
            Block(
                fence["language"],
                text,
                path["path"] if path else None,
                bool(path and path["end"]),
                fence["reason"],
            )
        )
    return found


def write(project: Path, block: Block) -> None:
    assert block.path is not None
    file = project / block.path
    file.parent.mkdir(parents=True, exist_ok=True)
    for folder in file.parents:
        if folder == project:
            break
        if file.suffix == ".py":
            (folder / "__init__.py").touch()
    before = file.read_text() + "\n\n" if block.is_added else ""
    file.write_text(before + block.text)
