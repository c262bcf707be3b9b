"""Notices changes of a project's files, by looking: it works on every file system and needs no library."""

import os
import time
from pathlib import Path

SKIPPED_FOLDERS = {"__pycache__", "media", "node_modules", "site-packages", "staticfiles"}
"""Besides hidden folders and virtual environments: what is written there while a service runs is no source."""
SUFFIXES = (".py", ".html", ".mo", ".toml", ".yaml", ".yml", "_openapi.json")
"""Of files that a process reads when it starts."""
INTERVAL = 0.25
"""Seconds between two looks, or more in a project so large that a look takes long."""
SHARE = 0.05
"""Of the time, at most, that is spent on looking."""

State = tuple[int, int, int]


class Watcher:
    """Compares the files below a folder with those of the last look."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.interval = INTERVAL
        self._files = self._look()

    def changed(self) -> list[str]:
        """Return the paths that were changed, added or removed since the last call."""
        before, self._files = self._files, self._look()
        differing = before.items() ^ self._files.items()
        return sorted({os.path.relpath(path, self._root) for path, _ in differing})

    def _look(self) -> dict[str, State]:
        started = time.monotonic()
        found: dict[str, State] = {}
        folders = [(str(self._root), False)]
        for folder, has_templates in folders:
            try:
                entries = list(os.scandir(folder))
            except OSError:  # removed meanwhile
                continue
            if any(entry.name == "pyvenv.cfg" for entry in entries):
                continue
            for entry in entries:
                # A link to a folder may lead into a circle.
                if entry.is_dir(follow_symlinks=False):
                    if not (entry.name.startswith(".") or entry.name in SKIPPED_FOLDERS):
                        folders.append((entry.path, has_templates or entry.name in ("templates", "jinja2")))
                elif _is_source(entry.name, has_templates) and (state := _state(entry)):
                    found[entry.path] = state
        self.interval = max(INTERVAL, (time.monotonic() - started) / SHARE)
        return found


def _is_source(name: str, is_template: bool) -> bool:
    if name.startswith("."):  # a lock or a copy of an editor, most often
        return name == ".env" or name.startswith(".env.")
    return is_template or name.endswith(SUFFIXES) or name == "Procfile"


def _state(entry: "os.DirEntry[str]") -> State | None:
    try:
        stat = entry.stat()
    except OSError:  # removed meanwhile, or a broken link
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
