"""The view of the first page. It asks no database and no upstream, so that it works when they do not."""

import base64
import functools
import hashlib
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from upstreams.clients.states import upstream_states
from upstreams.contrib.welcome.places import own_routes, places
from upstreams.contrib.welcome.project import commands, description, package, title, user_command
from upstreams.core import context
from upstreams.core.mocked import Mocks, mocks

FOLDER = Path(__file__).parent


@never_cache
@require_safe
async def welcome(request: HttpRequest) -> HttpResponse:
    """Respond with the page."""
    style = (FOLDER / "page.css").read_text("utf-8")
    # The layers of `get_asgi_application` have handled this request, if it has an id.
    has_layers = context.request_id.get() is not None
    values = {
        "title": title(),
        "package": package(),
        "description": description(),
        "places": places(has_probes=has_layers),
        "upstreams": upstream_states(),
        "mocks": _mocks(),
        "routes": own_routes(request.path),
        "commands": commands(has_layers=has_layers),
        "user_command": user_command(),
        "style": style,
    }
    response = HttpResponse(_engine().get_template("page.html").render(Context(values)))
    # Django's middleware leaves a policy alone that is there: the page works with every SECURE_CSP.
    response["Content-Security-Policy"] = (
        f"default-src 'none'; style-src '{_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return response


def _mocks() -> Mocks:
    try:
        return mocks()
    except ValueError:  # the upstreams are misconfigured
        return Mocks({})


@functools.cache
def _engine() -> Engine:
    # Its own: it needs neither an entry of INSTALLED_APPS nor one of TEMPLATES.
    return Engine(dirs=[str(FOLDER)])


def _hash(style: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}"
