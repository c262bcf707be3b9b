"""What the pytest marker `upstream_cassette` of a test says."""

from pathlib import Path

import pytest

from upstreams.testing.cassettes.marked import NAME, Marked, file_beside, require

FORM = '@pytest.mark.upstream_cassette("rates")'


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


def file_of(item: pytest.Item) -> Path:
    """Return the cassette of a test, in a folder beside its module."""
    _, _, name = item.nodeid.partition("::")
    return file_beside(item.path, name.replace("::", "."))
