"""Remembers the views of paths without parameters, so that Django's resolver looks for each of them once."""

import functools
from typing import Any

from django.urls import ResolverMatch, URLPattern, URLResolver
from django.urls.converters import DEFAULT_CONVERTERS
from django.urls.resolvers import RegexPattern, RoutePattern

MAX_PATHS = 256
"""Paths that one cache remembers: a pattern may match paths without end."""


class ResolverCache:
    """The matches of a resolver, as long as only the path decides on them.

    Where patterns are translated, or have converters of the project's own, the resolver is asked each time.

    Args:
        resolver: of a URLconf.
    """

    def __init__(self, resolver: URLResolver) -> None:
        self._resolver = resolver
        self._found: dict[str, dict[str, Any]] = {}
        self._max_paths = MAX_PATHS if _depends_on_path_alone(resolver) else 0

    def resolve(self, path: str) -> ResolverMatch:
        """Return a match for a path, which the caller may change.

        Raises:
            Resolver404: there is none.
        """
        if (found := self._found.get(path)) is not None:
            # Undocumented: that a ResolverMatch (Django 6.1) is nothing but its attributes, which __init__ computes
            # again. tests/package/fastpath/test_resolver_cache.py compares each with a new one.
            match = ResolverMatch.__new__(ResolverMatch)
            vars(match).update(found, kwargs={})
            return match
        match = self._resolver.resolve(path)
        if not match.args and not match.kwargs and len(self._found) < self._max_paths:
            self._found[path] = {**vars(match)}
        return match


cache_of = functools.lru_cache(maxsize=4)(ResolverCache)
"""Return the cache of a resolver. Django makes another resolver when its own caches of URLconfs are cleared."""


def _depends_on_path_alone(resolver: URLResolver) -> bool:
    seen: set[URLPattern | URLResolver] = set()
    left: list[URLPattern | URLResolver] = [resolver]
    while left:
        route = left.pop()
        if not _is_plain(route):
            return False
        if route not in seen:  # a URLconf may include itself
            seen.add(route)
            left += getattr(route, "url_patterns", ())
    return True


def _is_plain(route: URLPattern | URLResolver) -> bool:
    # Private: RoutePattern._route and RegexPattern._regex (Django 6.1), as written; a translated one is no str. Only
    # read; tests/package/fastpath/test_resolver_cache.py has translated paths and converters of each kind.
    written = vars(route.pattern)
    return (
        type(route) in (URLPattern, URLResolver)
        and type(route.pattern) in (RoutePattern, RegexPattern)
        and isinstance(written.get("_route", written["_regex"]), str)
        and all(converter in DEFAULT_CONVERTERS.values() for converter in route.pattern.converters.values())
    )
