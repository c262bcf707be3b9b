"""The routes of a project, as its URLconf has them, and a view that lists those of an API."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Undocumented: django.contrib.admindocs.utils (Django 5.2 to 6.1), which needs no app. Only for `re_path`;
# tests/package/contrib/json_api/test_routes.py has such routes.
from django.contrib.admindocs.utils import (
    remove_non_capturing_groups,
    replace_metacharacters,
    replace_named_groups,
    replace_unnamed_groups,
)
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, get_script_prefix
from django.urls.resolvers import RegexPattern
from django.views.decorators.http import require_safe

from upstreams.contrib.json_api.bodies import json_response


@dataclass(frozen=True)
class Route:
    """A view's place in the URLconf.

    Args:
        path: with parameters in braces, such as `/v1/quotes/by/{author}`.
        route: as `request.resolver_match.route` has it.
        name: of the URL pattern.
        app_names: of the includes around it, outermost first.
    """

    path: str
    route: str
    name: str | None
    app_names: tuple[str, ...]

    @property
    def has_parameters(self) -> bool:
        """Whether the path is a template."""
        return "{" in self.path


def routes(urlconf: str | None = None) -> list[Route]:
    """Return every route, in the order in which Django tries them; of several with one path, the first.

    Args:
        urlconf: a module; by default the one of `settings.ROOT_URLCONF`.
    """
    found = _below(get_resolver(urlconf), "", "", ())
    return list({route.path: route for route in reversed(list(found))}.values())[::-1]


@require_safe
async def index(request: HttpRequest, **_: object) -> HttpResponse:
    """Respond with the paths below this view's own, so that the root of an API is no 404."""
    # Set by Django before any view is called.
    here = request.resolver_match.route  # type: ignore[union-attr]
    found = routes(getattr(request, "urlconf", None))
    prefix = here.removesuffix("$")  # of a regular expression
    below = [one.path for one in found if one.route.startswith(prefix) and one.route != here]
    return json_response({"routes": below})


def _below(resolver: URLResolver, path: str, route: str, app_names: tuple[str, ...]) -> Iterator[Route]:
    for pattern in resolver.url_patterns:
        text = str(pattern.pattern)
        is_regex = isinstance(pattern.pattern, RegexPattern)
        here = path + (_template_of_regex(text) if is_regex else _template(text))
        joined = route + (text.removeprefix("^") if route else text)  # as Django joins them
        if isinstance(pattern, URLPattern):
            yield Route(get_script_prefix() + here, joined, pattern.name, app_names)
        else:
            inner = (*app_names, pattern.app_name) if pattern.app_name else app_names
            yield from _below(pattern, here, joined, inner)


def _template(route: str) -> str:
    """Return `quotes/by/<str:author>` as `quotes/by/{author}`."""
    return re.sub(r"<(?:[^<>:]*:)?(\w+)>", r"{\1}", route)


def _template_of_regex(regex: str) -> str:
    for simplify in (remove_non_capturing_groups, replace_named_groups, replace_unnamed_groups):
        regex = simplify(regex)
    return _template(replace_metacharacters(regex))
