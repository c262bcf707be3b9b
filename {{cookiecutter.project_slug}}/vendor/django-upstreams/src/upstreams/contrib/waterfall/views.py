"""The views of the pages: HTML for people, JSON for programs, and a 404 for everybody else."""

from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.dateparse import parse_datetime
from django.utils.safestring import mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from upstreams.asgi.request_traces import ENTRY, PAGE
from upstreams.contrib import debug_pages
from upstreams.contrib.waterfall.rows import rendered, totals
from upstreams.contrib.waterfall.sentences import milliseconds
from upstreams.contrib.waterfall.summary import summary
from upstreams.core import context
from upstreams.core.request_trace import MAX_REQUESTS, recent

MIDDLEWARE = "upstreams.contrib.waterfall.middleware.WaterfallMiddleware"
STYLES = ("welcome/page.css", "waterfall/page.css")


@never_cache
@require_safe
async def requests_page(request: HttpRequest) -> HttpResponse:
    """Respond with the last requests, the latest first."""
    _require_developer(request)
    found = [summary(trace) for trace in reversed(tuple(recent))]
    if _wants_json(request):
        return _varied(JsonResponse({"requests": found}, json_dumps_params={"indent": 2}))
    return _page(_("Requests"), found, all=None, middleware=_missing_middleware())


@never_cache
@require_safe
async def request_page(request: HttpRequest, entry: str) -> HttpResponse:
    """Respond with one request, as `X-Upstream-Trace` names it."""
    _require_developer(request)
    trace = next((trace for trace in tuple(recent) if trace.id == entry), None)
    if trace is None:
        raise Http404(f"{entry} is not among the last {MAX_REQUESTS} requests of this process")
    found = summary(trace)
    if _wants_json(request):
        return _varied(JsonResponse(found, json_dumps_params={"indent": 2}))
    return _page(_("Request"), [found], all=reverse(PAGE))


def _missing_middleware() -> str:
    """Return what would record the requests, if nothing does; the application of `get_asgi_application` gives each an id."""
    records = context.request_id.get() is not None or MIDDLEWARE in settings.MIDDLEWARE
    return "" if records else MIDDLEWARE


def _require_developer(request: HttpRequest) -> None:
    if not settings.DEBUG or not _is_internal(request.META.get("REMOTE_ADDR", "")):
        raise Http404


def _is_internal(address: str) -> bool:
    try:
        return ip_address(address).is_loopback or address in settings.INTERNAL_IPS
    except ValueError:  # of a Unix socket, whose clients may be anywhere
        return address in settings.INTERNAL_IPS


def _wants_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _varied(response: HttpResponse) -> HttpResponse:
    patch_vary_headers(response, ["Accept"])
    return response


def _page(title: str, found: list[dict[str, Any]], **values: object) -> HttpResponse:
    entries = [_entry(one) for one in found]
    values = {"title": title, "requests": entries, "maximum": MAX_REQUESTS, **values}
    return _varied(debug_pages.respond("waterfall/requests.html", values, *STYLES))


def _entry(found: dict[str, Any]) -> dict[str, Any]:
    at = parse_datetime(found["at"])
    assert at is not None  # isoformat has written it # noqa: S101 # nosec B101
    status = found["status"] or _("no response yet")
    return {
        **found,
        "url": reverse(ENTRY, args=[found["id"]]),
        "line": f"{found['method']} {found['route']}",
        "time": f"{localtime(at):%H:%M:%S}",
        "outcome": _("%(status)s after %(time)s")
        % {"status": status, "time": milliseconds(found["duration_ms"])},
        "totals": totals(found),
        "waterfall": mark_safe(rendered(found)),  # noqa: S308 - of a template # nosec B308 B703
    }
