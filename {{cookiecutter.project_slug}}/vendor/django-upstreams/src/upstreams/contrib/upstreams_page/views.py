"""The views of the page: the page itself, its events, and its buttons."""

import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from upstreams.asgi.event_responses import EventStreamResponse
from upstreams.contrib.upstreams_page import access, watch, worker
from upstreams.contrib.upstreams_page.buttons import BUTTONS
from upstreams.contrib.upstreams_page.content import Content
from upstreams.contrib.upstreams_page.models import Upstream
from upstreams.contrib.upstreams_page.parts import heads
from upstreams.contrib.upstreams_page.watch import SharedEvent

CHECK_INTERVAL = 60.0
"""Seconds after which a looker must still have the permission."""


@require_safe
def page(request: HttpRequest, site: AdminSite) -> HttpResponseBase:
    """Respond with the page; it needs no script."""
    if not access.may_view(site, request):
        raise PermissionDenied
    context = {
        **site.each_context(request),
        "title": _("Upstreams"),
        "opts": Upstream._meta,
        "content": async_to_sync(_content)(),
        "heads": heads(),
        "buttons": BUTTONS.values() if request.user.has_perm(access.CONTROL) else (),
        # A WSGI server would wait for the end of the events.
        "is_live": isinstance(request, ASGIRequest),
    }
    request.current_app = site.name  # for the tag `url`
    return TemplateResponse(request, "upstreams_page/page.html", context)


async def _content() -> Content:
    return await watch.of_running_loop().content()


def events_of(site: AdminSite) -> Callable[[HttpRequest], Coroutine[Any, Any, HttpResponseBase]]:
    """Return the view of the events in an admin, whose decorator takes no async views."""

    @require_safe
    async def events(request: HttpRequest) -> HttpResponseBase:
        if not await sync_to_async(access.may_view)(site, request):
            return HttpResponse(status=403)
        if worker.is_draining() or not isinstance(request, ASGIRequest):
            return HttpResponse(status=503)
        return EventStreamResponse(_events(request, site))

    return events


async def _events(request: HttpRequest, site: AdminSite) -> AsyncGenerator[SharedEvent]:
    checked = time.monotonic()
    async with aclosing(watch.of_running_loop().events()) as found:
        async for event in found:
            if time.monotonic() - checked >= CHECK_INTERVAL:
                if not await sync_to_async(access.may_still_view)(site, request):
                    return
                checked = time.monotonic()
            yield event
