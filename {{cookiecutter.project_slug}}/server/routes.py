"""Finds the view of a path without parameters at once, when it has been found before."""

import functools
from typing import Any

from django.urls import ResolverMatch, URLPattern, URLResolver
from django.urls.converters import DEFAULT_CONVERTERS
from django.urls.resolvers import RegexPattern, RoutePattern

MOST = 256
"""Paths to remember: there are patterns that match without end."""


class Routes:
    """What a resolver finds, as long as nothing but the path decides on it.

    Where patterns are translated, or have converters of a project's own, the resolver looks each time.

    Args:
        resolver: of a URL configuration.
    """

    def __init__(self, resolver: URLResolver) -> None:
        self._resolver = resolver
        self._found: dict[str, dict[str, Any]] = {}
        self._most = MOST if _goes_by_path_alone(resolver) else 0

    def resolve(self, path: str) -> ResolverMatch:
        """The match for a path, which nobody else has.

        Raises:
            Resolver404: there is none.
        """
        if (found := self._found.get(path)) is not None:
            match = ResolverMatch.__new__(ResolverMatch)
            vars(match).update(found, kwargs={})
            return match
        match = self._resolver.resolve(path)
        if not match.args and not match.kwargs and len(self._found) < self._most:
            self._found[path] = {**vars(match)}
        return match


of = functools.lru_cache(maxsize=4)(Routes)
"""Those of a resolver. Django makes another one when its caches of URLs are cleared."""


def _goes_by_path_alone(resolver: URLResolver) -> bool:
    seen: set[URLPattern | URLResolver] = set()
    left: list[URLPattern | URLResolver] = [resolver]
    while left:
        route = left.pop()
        if not _is_plain(route):
            return False
        if route not in seen:  # one may include itself
            seen.add(route)
            left += getattr(route, "url_patterns", ())
    return True


def _is_plain(route: URLPattern | URLResolver) -> bool:
    written = vars(route.pattern)
    return (
        type(route) in (URLPattern, URLResolver)
        and type(route.pattern) in (RoutePattern, RegexPattern)
        and isinstance(written.get("_route", written["_regex"]), str)  # else it is translated
        and all(converter in DEFAULT_CONVERTERS.values() for converter in route.pattern.converters.values())
    )
