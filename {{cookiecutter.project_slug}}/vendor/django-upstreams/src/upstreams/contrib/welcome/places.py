"""Where the parts of a project are, as its URLconf has them."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from upstreams.asgi.request_traces import ENTRY, PAGE
from upstreams.contrib.json_api.routes import Route, routes

PARTS = {
    "api-root": (_("API"), _("what it offers")),  # the name that django-ninja and DRF use, too
    "openapi-view": (_("Documentation"), _("every operation, to read and to try")),
    "openapi-json": (_("OpenAPI"), _("the schema, for generators of clients")),
    PAGE: (_("Requests"), _("the upstream calls of the last ones")),
    "upstreams_page_upstream_changelist": (_("Upstreams"), _("in the admin: all workers, live")),
}
OTHERS = {"admin", "djdt"}
"""`app_name`s of the routes that are not listed; the latter is that of django-debug-toolbar."""
PROBES = {
    "/livez": (_("Liveness"), _("the process runs")),
    "/readyz": (_("Readiness"), _("requests can be served")),
    "/metrics": (_("Metrics"), _("for Prometheus")),
}


@dataclass(frozen=True)
class Place:
    """A link of the page.

    Args:
        title: what it is.
        path: where it is.
        about: what one finds there.
        is_admin: whether it needs an account.
    """

    title: str | Promise
    path: str
    about: str | Promise
    is_admin: bool = False


def places(*, has_probes: bool) -> list[Place]:
    """Return the API, its documentation, the admin, health and metrics, those that there are.

    Args:
        has_probes: whether the layers of `get_asgi_application` respond to health and metrics.
    """
    found = [route for route in routes() if not route.has_parameters]
    parts = [
        Place(kind, one.path, about)
        for name, (kind, about) in PARTS.items()
        for one in found
        if one.name == name
    ]
    admin = [one for one in found if one.app_names == ("admin",) and one.name == "index"]
    parts += [Place(_("Admin"), one.path, _("tables, for the team"), is_admin=True) for one in admin]
    return parts + [Place(title, path, about) for path, (title, about) in PROBES.items() if has_probes]


def own_routes(page: str) -> list[Route]:
    """Return the routes of the project itself: not those of the admin, of static files and of the parts above.

    Args:
        page: the path of the first page, which is left out.
    """
    files = tuple(url for url in (settings.STATIC_URL, settings.MEDIA_URL) if url and url != "/")
    return [
        one
        for one in routes()
        if not OTHERS.intersection(one.app_names)
        and one.name not in (*PARTS, ENTRY)
        and one.path != page
        and not one.path.startswith(files)
    ]
