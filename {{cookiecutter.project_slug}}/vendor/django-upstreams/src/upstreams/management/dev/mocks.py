"""The mocks that `make dev` runs: for each upstream that was recorded, unless the developer wants the real one."""

import os
import sys
from pathlib import Path

from upstreams.core.keys import suggestion
from upstreams.core.mocked import VARIABLE, Mocks
from upstreams.core.validation import ValidationError, convert
from upstreams.environ.variables import all_variables
from upstreams.management.dev.process import Process
from upstreams.management.mocks.ports import FIRST_PORT, PAGE_PORT, Ports
from upstreams.management.mocks.recordings import find_recordings

ALL = "all"
COMMAND = [sys.executable, "manage.py", "mockupstreams"]


class DevMocks:
    """The mocks of a project.

    Args:
        root: the folder of the project.
        real: aliases that are not mocked, with commas between, or `all`.

    Raises:
        ValueError: an alias of `real` has nothing that could be mocked.
    """

    def __init__(self, root: Path, real: str = "") -> None:
        self._root = root
        self._real = {alias.strip() for alias in real.split(",")} - {""}
        known = [*find_recordings(root), ALL]
        for alias in self._real.difference(known):
            raise ValueError(f"{alias} has no mock; {suggestion(alias, known)}")
        self._ports = Ports()
        self._chosen = Mocks({})
        self._recorded: object = None
        self._process: Process | None = None

    def processes(self) -> list[Process]:
        """Return the command that plays them: a new one when recordings have changed, none if there are none."""
        aliases, recorded = self._wanted()
        if recorded != self._recorded:
            self._choose(aliases)
            self._recorded = recorded
            # It is not started anew when other files change: it would forget how it was asked to behave.
            self._process = Process("mocks", COMMAND, restarts=False) if aliases else None
        return [self._process] if self._process else []

    def environment(self) -> dict[str, str]:
        """Return the variable that leads upstreams to them."""
        aliases, _ = self._wanted()
        urls = {alias: url for alias, url in self._chosen.urls.items() if alias in aliases}
        return {VARIABLE: str(Mocks(urls, self._chosen.page))} if urls else {}

    def close(self) -> None:
        """Let others use the ports."""
        self._ports.close()

    def _choose(self, aliases: set[str]) -> None:
        """Choose addresses for those that have none; the others keep theirs."""
        new = sorted(aliases - self._chosen.urls.keys())
        if new:
            page = self._chosen.page or self._ports.url(PAGE_PORT)
            urls = {alias: self._ports.url(FIRST_PORT) for alias in new}
            self._chosen = Mocks({**self._chosen.urls, **urls}, page)

    def _wanted(self) -> tuple[set[str], object]:
        given = all_variables()
        if VARIABLE in os.environ or ALL in self._real or not _is_debug(given.get("DEBUG", "")):
            return set(), None
        found = {
            alias: [(path, _modified(path)) for path in recordings.files()]
            for alias, recordings in find_recordings(self._root).items()
            if alias not in self._real and f"UPSTREAMS__{alias.upper()}__BASE_URL" not in given
        }
        return set(found), found


def _modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:  # removed meanwhile
        return 0


def _is_debug(text: str) -> bool:
    try:
        return bool(text) and convert(text, bool)
    except ValidationError:
        return False
