"""What the marker `upstream_cassette` of a test says, and the file that belongs to it."""

import hashlib
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from upstreams.core.definition import configured
from upstreams.core.keys import suggestion

NAME = "upstream_cassette"
FORM = '@pytest.mark.upstream_cassette("rates")'
UNSAFE = re.compile(r"[^\w.,=+-]+")
LONGEST = 100
"""Characters of a file's name."""


class Marked(NamedTuple):
    """A test with a cassette.

    Args:
        aliases: its upstreams.
        remove: names of headers and fields that its cassette does not contain, beside those that none does.
        file: the cassette.
    """

    aliases: tuple[str, ...]
    remove: tuple[str, ...]
    file: Path


def marked(item: pytest.Item) -> Marked | None:
    """Return what the markers of a test say, or None if it has none.

    Raises:
        ValueError: a marker is wrong.
    """
    aliases: list[str] = []
    remove: list[str] = list(item.config.getini("upstream_cassette_remove"))
    for marker in item.iter_markers(NAME):
        named = marker.kwargs.get("remove", ())
        if not marker.args or marker.kwargs.keys() - {"remove"}:
            raise ValueError(f'{NAME} takes aliases and remove=["…"]; write {FORM}')
        if isinstance(named, str) or not all(isinstance(name, str) for name in named):
            raise ValueError(f'{NAME}: remove= is a list of names; write remove=["account"]')
        for alias in marker.args:
            require(alias, NAME)
        aliases += marker.args
        remove += named
    if not aliases:
        return None
    return Marked(tuple(dict.fromkeys(aliases)), tuple(remove), file_of(item))


def require(alias: object, where: str) -> None:
    """Raise a ValueError if an alias has no entry in `settings.UPSTREAMS`."""
    if alias not in configured():
        names = suggestion(str(alias), configured())
        raise ValueError(f"{where}: upstream {alias} is not in settings.UPSTREAMS; {names}")


def file_of(item: pytest.Item) -> Path:
    """Return the cassette of a test: `cassettes/<module>/<class>.<test>.yaml` beside its module."""
    _, _, name = item.nodeid.partition("::")
    safe = UNSAFE.sub("_", name.replace("::", "."))[:LONGEST]
    if safe != name.replace("::", "."):  # of two parameters, both may look the same now
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        safe = f"{safe.rstrip('_')}-{digest}"
    return item.path.parent / "cassettes" / item.path.stem / f"{safe}.yaml"
