"""A request id and one log line for each request."""

import logging
import re
import time
import uuid
from urllib.parse import quote

from server.types import App, Message, Receive, Scope, Send
from services.core import context

logger = logging.getLogger(__name__)

ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class Access:
    """Takes the id from `X-Request-ID`, or makes one, returns it in the answer, and logs a line.

    Args:
        app: what answers the requests.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        request_id = _request_id(scope)
        status: int | None = None

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                id_header = (b"x-request-id", request_id.encode())
                message = {**message, "headers": [*message.get("headers", ()), id_header]}
            await send(message)

        token = context.request_id.set(request_id)
        try:
            await self._app(scope, receive, send_with_id)
        finally:
            context.request_id.reset(token)
            # Quoted, because the path is whatever a client wrote; without its query, which may be secret.
            path = quote(scope["path"], safe="/:@!$&'()*+,;=")
            ms = (time.perf_counter() - started) * 1000
            logger.info("%s %s %s %.1f ms id=%s", scope["method"], path, status or "-", ms, request_id)


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and ID.fullmatch(value):
            return bytes(value).decode()
    return uuid.uuid4().hex
