"""A request id, one log line and one count for each request."""

import asyncio
import logging
import os
import re
import threading
import time
from collections.abc import Awaitable, Callable
from random import getrandbits

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from upstreams.asgi import metrics
from upstreams.asgi.access_line import write_line
from upstreams.asgi.heads import quoted_path
from upstreams.core import context
from upstreams.core.asgi_types import App, Message, Receive, Scope, Send
from upstreams.fastpath.inline_middleware import InlineMiddleware

logger = logging.getLogger(__name__)

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
CLIENT_CLOSED_REQUEST = 499
"""The status that is logged if the client left before the response began; nginx uses the same."""


class AccessLog:
    """Takes the request id from `X-Request-ID` or makes one, returns it in the response, and logs one line.

    Args:
        app: the application.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        method = scope["method"]
        request_id = _request_id(scope)
        call_stats = context.CallStats()
        status, size, complete = CLIENT_CLOSED_REQUEST, 0, False

        # Not a coroutine: every message passes through here.
        def observe(message: Message) -> Awaitable[None]:
            nonlocal status, size, complete
            if message["type"] == "http.response.start":
                status = message["status"]
                id_header = (b"x-request-id", request_id.encode())
                message = {**message, "headers": [*message.get("headers", ()), id_header]}
            else:
                size += len(message.get("body", b""))
                complete = not message.get("more_body", False)
            return send(message)

        tokens = context.request_id.set(request_id), context.call_stats.set(call_stats)
        try:
            await self._app(scope, receive, observe)
        finally:
            seconds, route = time.perf_counter() - started, scope.get("route", "")
            metrics.request_ended(method, route, status, seconds)
            fields = {
                "method": method,
                "route": route,
                "status": status,
                "duration_ms": round(seconds * 1000, 1),
                "bytes": size,
                "upstream_calls": call_stats.calls,
                "upstream_ms": round(call_stats.seconds * 1000, 1),
            }
            if not route:
                fields["path"] = quoted_path(scope)
            if "limit" in scope:
                fields["limit"] = scope["limit"]
            if not complete:
                fields["aborted"] = True
            if call_stats.thread_taken_by:
                fields["thread_taken_by"] = ", ".join(call_stats.thread_taken_by)
            if logger.isEnabledFor(logging.INFO) and not write_line(logger, fields):
                logger.handle(_record(fields))
            context.request_id.reset(tokens[0])
            context.call_stats.reset(tokens[1])


class RouteMiddleware(InlineMiddleware):
    """Django middleware: gives the URL pattern that a request matched to the log line, the metrics and the traces.

    They never hold the path of a matched request, which may be secret, and has too many values for a label.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        if self.async_mode:
            self.process_view = self._set_route
        else:
            # Django runs this class as sync before a sync middleware: no hook of its own, which would be another switch.
            self.process_response = self._keep_route

    async def _set_route(self, request: HttpRequest, *_: object) -> None:
        match = request.resolver_match
        assert match is not None  # there is a view # noqa: S101 # nosec B101
        request.scope["route"] = f"/{match.route}"  # type: ignore[attr-defined]

    def _keep_route(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.resolver_match is not None and hasattr(request, "scope"):  # none under WSGI
            request.scope["route"] = f"/{request.resolver_match.route}"
        return response


# Does what logger.info(extra=…) does, without the search for its caller in the stack and the parsing of paths.
_TEMPLATE = vars(logging.LogRecord(logger.name, logging.INFO, __file__, 0, "request", None, None))


def _record(fields: dict[str, object]) -> logging.LogRecord:
    record = logging.LogRecord.__new__(logging.LogRecord)
    now, thread, task = time.time(), threading.current_thread(), asyncio.current_task()
    record.__dict__ = {
        **_TEMPLATE,
        "created": now,
        "msecs": now % 1 * 1000,
        "thread": thread.ident,
        "threadName": thread.name,
        "process": os.getpid(),
        "taskName": task.get_name() if task else None,
        **fields,
    }
    return record


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
            return bytes(value).decode()
    return f"{getrandbits(128):032x}"  # an id, not a secret # nosec B311
