"""Records the upstream calls of each request, under DEBUG alone, and names the page that shows them."""

from collections.abc import Awaitable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from upstreams.asgi.heads import quoted_path
from upstreams.core import context
from upstreams.core.asgi_types import App, Message, Receive, Scope, Send
from upstreams.core.request_trace import RequestTrace

PAGE = "upstreams-requests"
"""The name of the URL of the page."""
ENTRY = "upstreams-request"
"""The name of the URL of one request."""
HEADER = "X-Upstream-Trace"
TOOLBAR = "/__debug__/"
"""Where django-debug-toolbar fetches its panels from."""


def page_path() -> str | None:
    """Return the path of the page, if the URLconf has it."""
    try:
        return reverse(PAGE)
    except NoReverseMatch:
        return None


def is_listed(path: str, page: str) -> bool:
    """Return whether the page lists a request: not its own, those of the toolbar, and of files.

    Args:
        path: of the request.
        page: the path of the page.
    """
    files = [url for url in (settings.STATIC_URL, settings.MEDIA_URL) if url and url != "/"]
    return not path.startswith((page, TOOLBAR, *files))


def route_of(path: str, otherwise: str) -> str:
    """Return the pattern of a URL, which has none of its values.

    Args:
        path: of the request, without the prefix that a proxy has taken away.
        otherwise: what to return if no pattern matches.
    """
    try:
        return f"/{resolve(path).route}"
    except Resolver404:
        return otherwise


@contextmanager
def traced(trace: RequestTrace) -> Iterator[None]:
    """Record the upstream calls of this block, and of what it starts."""
    token = context.request_trace.set(trace)
    try:
        yield
    finally:
        trace.end()
        context.request_trace.reset(token)


class RequestTraces:
    """Records each request, and sends the path of its entry as `X-Upstream-Trace`.

    Args:
        app: the application.
        page: the path of the page, without the prefix that a proxy has taken away.
    """

    def __init__(self, app: App, page: str) -> None:
        self._app = app
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        prefix = scope.get("root_path", "").rstrip("/")
        if not is_listed(scope["path"], prefix + self._page):
            await self._app(scope, receive, send)
            return
        # Not from RouteMiddleware alone: not every project has it, and a client may leave before the response.
        route = route_of(scope["path"].removeprefix(prefix), quoted_path(scope))
        trace = RequestTrace(scope["method"], route)

        def observe(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                trace.respond(message["status"], scope.get("route"))
                header = HEADER.lower().encode(), f"{prefix}{self._page}{trace.id}/".encode()
                message = {**message, "headers": [*message.get("headers", ()), header]}
            return send(message)

        with traced(trace):
            await self._app(scope, receive, observe)


def record_requests(app: App) -> App:
    """Return the application inside a layer that records its requests; unchanged without DEBUG or the page."""
    page = page_path() if settings.DEBUG else None
    return app if page is None else RequestTraces(app, page)
