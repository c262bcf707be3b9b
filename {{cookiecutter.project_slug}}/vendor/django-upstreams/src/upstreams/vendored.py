"""The system check for a vendored copy of this package: an update replaces the folder, so edits in it would be lost."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.core import checks

RECORD = "RECORD.sha256"
"""The checksums of the folder's files, in the form of `sha256sum`; the wheel does not contain it."""
GENERATED = re.compile(r"__pycache__|\..+_cache|.+\.egg-info|build|dist")
"""The names of files and folders that tools write there."""


@checks.register("upstreams", deploy=True)
def check_for_edits(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[checks.CheckMessage]:
    """Warn about each file of the folder that differs from its release (upstreams.W010)."""
    folder = Path(__file__).parents[2]
    if not (folder / RECORD).is_file():
        return []
    edited = sorted(edits(folder))
    if not edited:
        return []
    return [
        checks.Warning(
            f"vendor/{folder.name} was edited: {', '.join(edited)}",
            hint="`make update` refuses to replace the folder; undo the edit, or silence this check and update by hand.",
            id="upstreams.W010",
        )
    ]


def edits(folder: Path) -> Iterator[str]:
    """Yield what was changed, added or deleted. What is not code may be missing: an image leaves it out."""
    lines = (folder / RECORD).read_text().splitlines()
    recorded = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    present = checksums(folder)
    for name in recorded.keys() | present.keys():
        if name in present and present[name] != recorded.get(name):
            yield name
        if name not in present and name.startswith("src/"):
            yield f"{name} (deleted)"


def checksums(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file below the folder, by its path."""
    found = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    kept = [name for name in found if name.name != RECORD and not any(map(GENERATED.fullmatch, name.parts))]
    return {name.as_posix(): hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in kept}
