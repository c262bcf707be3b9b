"""A request id, one log line and one count for each request."""

import logging
import re
import time
from collections.abc import Awaitable, Callable
from random import getrandbits
from urllib.parse import quote

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from server import metrics
from server.inline import Inline
from server.types import App, Message, Receive, Scope, Send
from services.core import context

logger = logging.getLogger(__name__)

ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
GONE = 499
"""What the line says if the client left before it had an answer; nginx's number."""


class Access:
    """Takes the id from `X-Request-ID`, or makes one, returns it in the answer, and logs a line.

    Args:
        app: what answers the requests.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        method = scope["method"]
        request_id = _request_id(scope)
        spent = context.Spent()
        status, size, ended = GONE, 0, False

        # No coroutine of its own: every message passes.
        def noted(message: Message) -> Awaitable[None]:
            nonlocal status, size, ended
            if message["type"] == "http.response.start":
                status = message["status"]
                id_header = (b"x-request-id", request_id.encode())
                message = {**message, "headers": [*message.get("headers", ()), id_header]}
            else:
                size += len(message.get("body", b""))
                ended = not message.get("more_body", False)
            return send(message)

        tokens = context.request_id.set(request_id), context.spent.set(spent)
        try:
            await self._app(scope, receive, noted)
        finally:
            seconds, route = time.perf_counter() - started, scope.get("route", "")
            metrics.request_ended(method, route, status, seconds)
            line = {
                "method": method,
                "route": route,
                "status": status,
                "duration_ms": round(seconds * 1000, 1),
                "bytes": size,
                "upstream_calls": spent.calls,
                "upstream_ms": round(spent.seconds * 1000, 1),
            }
            if not route:
                # Quoted, because it is whatever a client wrote; without its query, which may be secret.
                line["path"] = quote(scope["path"][:200], safe="/:@!$&'()*+,;=")
            if not ended:
                line["aborted"] = True
            if logger.isEnabledFor(logging.INFO):
                logger.handle(_record(line))
            context.request_id.reset(tokens[0])
            context.spent.reset(tokens[1])


class Route(Inline):
    """Django middleware: tells the line, the metrics and the traces which URL pattern a request matched.

    Its path stays out of them: it may hold what a client alone should know, and is another one each time.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        if self.async_mode:
            self.process_view = self._note

    async def _note(self, request: HttpRequest, *_: object) -> None:
        match = request.resolver_match
        assert match is not None  # there is a view # noqa: S101 # nosec B101
        request.scope["route"] = f"/{match.route}"  # type: ignore[attr-defined]


# What logger.info(extra=…) does, but that it searches the stack for who called, and takes paths apart.
_SAME = vars(logging.LogRecord(logger.name, logging.INFO, __file__, 0, "request", None, None))


def _record(line: dict[str, object]) -> logging.LogRecord:
    record = logging.LogRecord.__new__(logging.LogRecord)
    now = time.time()
    record.__dict__ = {**_SAME, "created": now, "msecs": now % 1 * 1000, **line}
    return record


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and ID.fullmatch(value):
            return bytes(value).decode()
    return f"{getrandbits(128):032x}"  # an id, no secret # nosec B311
