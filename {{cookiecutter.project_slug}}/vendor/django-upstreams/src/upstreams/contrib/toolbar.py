"""A panel for django-debug-toolbar: the upstream calls of a request."""

from contextvars import Token
from typing import Any

from debug_toolbar.panels import Panel
from django.http import HttpRequest, HttpResponseBase
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from upstreams.asgi.request_traces import route_of
from upstreams.contrib.waterfall.rows import rendered, totals
from upstreams.contrib.waterfall.summary import summary
from upstreams.core import context
from upstreams.core.request_trace import RequestTrace


class UpstreamsPanel(Panel):
    """Lists the calls until the response as a waterfall. Add its path to `DEBUG_TOOLBAR_PANELS`."""

    title = nav_title = _("Upstreams")
    is_async = True
    has_content = True

    _trace: RequestTrace | None = None
    _token: Token[RequestTrace | None] | None = None

    @property
    def nav_subtitle(self) -> str:
        """The number of calls and their time."""
        found = self.get_stats()
        return totals(found) if found else ""

    @property
    def content(self) -> SafeString:
        """The waterfall; of an earlier request, if it comes from the store of the toolbar."""
        return mark_safe(rendered(self.get_stats()))  # noqa: S308 - of a template # nosec B308 B703

    def enable_instrumentation(self) -> None:
        """Record the calls of this request, unless that is done already."""
        self._trace = context.request_trace.get()
        if self._trace is None:
            request: HttpRequest = self.toolbar.request
            route = route_of(request.path_info, request.path)
            self._trace = RequestTrace(request.method or "", route)
            self._token = context.request_trace.set(self._trace)

    def disable_instrumentation(self) -> None:
        """End what was begun here."""
        if self._token is not None:
            context.request_trace.reset(self._token)
            self._token = None

    def generate_stats(self, request: HttpRequest, response: HttpResponseBase) -> None:
        """Store what was recorded, as JSON can have it."""
        if self._trace is not None:
            self.record_stats(summary(self._trace))

    def generate_server_timing(self, request: HttpRequest, response: HttpResponseBase) -> None:
        """Show the time of all calls among the timings of the browser's own tools."""
        found: dict[str, Any] = self.get_stats()
        if found:
            spent = sum(call["duration_ms"] for call in found["calls"])
            self.record_server_timing("calls", "Upstream calls", round(spent, 3))
