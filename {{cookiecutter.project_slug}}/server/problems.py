"""Turns a failure into the answer it stands for, `application/problem+json` (RFC 9457)."""

import json
import logging
import math
from http import HTTPStatus

from django.core.exceptions import BadRequest
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, JsonResponse

from server.inline import Inline
from server.types import Message
from services.core import context
from services.core.errors import UpstreamError

logger = logging.getLogger(__name__)


class Problems(Inline):
    """Django middleware: a view that raises `UpstreamError` or `BadRequest` answers with its status."""

    maps_inline = True
    """What it makes of an error takes no I/O, so that server/handler.py needs no thread for it."""

    def process_exception(self, request: HttpRequest, error: Exception) -> JsonResponse | None:
        """Called by Django with what a view raised."""
        if isinstance(error, BadRequest):
            return _problem(400, {"detail": str(error)})
        if isinstance(error, (OperationalError, InterfaceError)):
            logger.error("the database cannot be used", exc_info=error)
            return _retry_after(_problem(503, {"code": "DatabaseUnavailable"}), 1)
        failed = _upstream_error(error)
        if failed is None:
            return None
        logger.warning("%s: %s", type(failed).__name__, failed)
        response = _problem(failed.status, {"code": type(failed).__name__})
        return _retry_after(response, failed.retry_after)


def _upstream_error(error: Exception) -> UpstreamError | None:
    # A task group wraps the error of the call that failed.
    while isinstance(error, ExceptionGroup) and error.split(UpstreamError)[1] is None:
        error = error.exceptions[0]
    return error if isinstance(error, UpstreamError) else None


def _problem(status: int, more: dict[str, str]) -> JsonResponse:
    return JsonResponse(_content(status, more), status=status, content_type="application/problem+json")


def _retry_after(response: JsonResponse, seconds: float | None) -> JsonResponse:
    if seconds is not None:
        response["Retry-After"] = str(math.ceil(seconds))
    return response


def messages(
    status: int, detail: str, *, retry_after: int | None = None, close: bool = False
) -> tuple[Message, Message]:
    """A problem as ASGI messages, for what is refused before Django.

    Args:
        status: the HTTP status.
        detail: what was wrong.
        retry_after: seconds.
        close: the connection, too.
    """
    body = json.dumps(_content(status, {"detail": detail})).encode()
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", b"%d" % len(body))]
    if retry_after is not None:
        headers.append((b"retry-after", b"%d" % retry_after))
    if close:
        headers.append((b"connection", b"close"))
    head = {"type": "http.response.start", "status": status, "headers": headers}
    return head, {"type": "http.response.body", "body": body}


def _content(status: int, more: dict[str, str]) -> dict[str, object]:
    problem = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, **more}
    return {**problem, "request_id": context.request_id.get()}
