"""Records requests where Django's own handler serves them: `runserver`, WSGI, another ASGI application."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from upstreams.asgi.request_traces import ENTRY, HEADER, is_listed, page_path, route_of, traced
from upstreams.core import context
from upstreams.core.request_trace import RequestTrace


class WaterfallMiddleware:
    """Does what the application of `get_asgi_application` does by itself; put it first.

    Of a streamed response, only the calls until its body begins count.

    Args:
        get_response: the next middleware, or the view.

    Raises:
        MiddlewareNotUsed: without DEBUG, or without the page in the URLconf.
    """

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        page = page_path() if settings.DEBUG else None
        if page is None:
            raise MiddlewareNotUsed
        self._page = page
        self._get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if context.request_trace.get() is not None or not is_listed(request.path, self._page):
            return cast(HttpResponseBase, self._get_response(request))
        trace = RequestTrace(request.method or "", route_of(request.path_info, request.path))
        if self._is_async:
            return self._traced(request, trace)
        with traced(trace):
            return _named(request, self._get_response(request), trace)

    async def _traced(self, request: HttpRequest, trace: RequestTrace) -> HttpResponseBase:
        with traced(trace):
            return _named(request, await self._get_response(request), trace)


def _named(request: HttpRequest, response: HttpResponseBase, trace: RequestTrace) -> HttpResponseBase:
    match = request.resolver_match
    trace.respond(response.status_code, f"/{match.route}" if match else None)
    response[HEADER] = reverse(ENTRY, args=[trace.id])
    return response
