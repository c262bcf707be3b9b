"""One upstream that is played: what it responds, and how it behaves at the moment."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from upstreams.management.mocks.behavior import Behavior
from upstreams.management.mocks.reply import Asked, Reply, problem

MAX_NAMED = 20
"""Paths that the response to an unknown one names."""


class Source(Protocol):
    """What a mock has its responses from."""

    def reply(self, asked: Asked) -> Reply | None:
        """Return the response to a request, or None if there is none."""

    def paths(self) -> list[str]:
        """Return what it has, such as `GET /items/7`."""


class Mock:
    """An upstream of this machine.

    Args:
        alias: of the upstream that it plays.
        url: where it listens.
        sources: of responses; the first that has one is used.
        shown: the names of their files, for people.
        base: the path of the `BASE_URL` of the real one, with which links within its responses may begin.

    Attributes:
        calls: how many requests there were.
    """

    def __init__(self, alias: str, url: str, sources: Sequence[Source], shown: str, base: str = "") -> None:
        self.alias = alias
        self.url = url
        self.shown = shown
        self.calls = 0
        self._sources = sources
        self._base = f"{base.strip('/')}/"
        self._behavior = Behavior()
        self._share = 0.0

    @property
    def behavior(self) -> Behavior:
        """What it does with requests."""
        return self._behavior

    @behavior.setter
    def behavior(self, behavior: Behavior) -> None:
        self._behavior, self._share = behavior, 0.0

    def next_behavior(self) -> Behavior:
        """Return the behavior for one request: `ratio` of them get what was asked for, evenly spread."""
        self.calls += 1
        self._share += self._behavior.ratio
        if self._share < 1:
            return Behavior()
        self._share -= 1
        return self._behavior

    def reply(self, asked: Asked) -> Reply:
        """Return the example for a request, or a 501 that names what there is."""
        for way in self._ways(asked):
            for source in self._sources:
                if (found := source.reply(way)) is not None:
                    return found
        known = [path for source in self._sources for path in source.paths()]
        more = f" and {len(known) - MAX_NAMED} more" if len(known) > MAX_NAMED else ""
        names = ", ".join(known[:MAX_NAMED]) or "nothing"
        return problem(501, f"the mock of {self.alias} has no {asked}; it has {names}{more}")

    def _ways(self, asked: Asked) -> Iterator[Asked]:
        """Yield a request as it came, and as what else it may be meant."""
        paths = dict.fromkeys([asked.path, asked.path.removeprefix(self._base)])
        for path in paths:
            yield replace(asked, path=path)
            if asked.method == "HEAD":  # as GET, if there is none; the server sends no body
                yield replace(asked, path=path, method="GET")
