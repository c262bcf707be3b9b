"""The view of the first page. It asks no database and no upstream, so that it works when they do not."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from upstreams.contrib import debug_pages
from upstreams.contrib.welcome.places import own_routes, places
from upstreams.contrib.welcome.project import commands, description, package, title, user_command
from upstreams.contrib.welcome.upstreams import upstreams
from upstreams.core import context
from upstreams.core.mocked import Mocks, mocks


@never_cache
@require_safe
async def welcome(request: HttpRequest) -> HttpResponse:
    """Respond with the page."""
    # The layers of `get_asgi_application` have handled this request, if it has an id.
    has_layers = context.request_id.get() is not None
    values = {
        "title": title(),
        "package": package(),
        "description": description(),
        "places": places(has_probes=has_layers),
        "upstreams": upstreams(),
        "mocks": _mocks(),
        "routes": own_routes(request.path),
        "commands": commands(has_layers=has_layers),
        "user_command": user_command(),
    }
    return debug_pages.respond("welcome/page.html", values, "welcome/page.css")


def _mocks() -> Mocks:
    try:
        return mocks()
    except ValueError:  # the upstreams are misconfigured
        return Mocks({})
