"""Turns a failure into the answer it stands for, `application/problem+json` (RFC 9457)."""

import json
import logging
import math
from http.client import responses

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404

from server.inline import Inline
from server.types import Message
from services.core import context
from services.core.errors import UpstreamError

logger = logging.getLogger(__name__)

TYPE = "application/problem+json"
OF_THE_BODY = ("Content-Disposition", "Content-Encoding", "Content-Language", "ETag")
"""Headers that say something of a body, and nothing of another one."""
STATUSES = {BadRequest: 400, PermissionDenied: 403, Http404: 404}


class Problems(Inline):
    """Django middleware: an error becomes a problem, except on the pages of `settings.HTML_APPS`.

    That is what a view raises, and every answer of 400 or more which has no text, or Django's HTML.
    """

    maps_inline = True
    """What it makes of an error takes no I/O, so that server/handler.py needs no thread for it."""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Called by Django with what a view raised."""
        on_a_page = _is_on_a_page(request)
        answer = _page if on_a_page else _problem
        if isinstance(error, (OperationalError, InterfaceError)):
            logger.error("the database cannot be used", exc_info=error)
            return _retry_after(answer(503, {"code": "DatabaseUnavailable"}), 1)
        if (failed := _upstream_error(error)) is not None:
            logger.warning("%s: %s", type(failed).__name__, failed)
            response = answer(failed.status, {"code": type(failed).__name__})
            return _retry_after(response, failed.retry_after)
        status = next((status for kind, status in STATUSES.items() if isinstance(error, kind)), None)
        if status is None or on_a_page:
            return None
        # Django's own words of a URL that did not match list all that there are.
        said = "" if isinstance(error, Resolver404) else str(error)
        return _problem(status, {"detail": said} if said else {})

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Keeps the status and the headers, such as `Allow`."""
        if response.status_code < 400 or not isinstance(response, HttpResponse):
            return response
        if _says_something(response) or _is_on_a_page(request):
            return response
        response.content = json.dumps(_content(response.status_code, {})).encode()
        for name in OF_THE_BODY:
            response.headers.pop(name, None)
        response["Content-Type"] = TYPE
        response["Content-Length"] = str(len(response.content))
        return response


def _is_on_a_page(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and not set(match.app_names).isdisjoint(settings.HTML_APPS)


def _says_something(response: HttpResponse) -> bool:
    is_for_developers = settings.DEBUG and bool(response.content)
    return is_for_developers or not response.get("Content-Type", "").startswith("text/html")


def _upstream_error(error: Exception) -> UpstreamError | None:
    # A task group wraps the error of the call that failed.
    while isinstance(error, ExceptionGroup) and error.split(UpstreamError)[1] is None:
        error = error.exceptions[0]
    return error if isinstance(error, UpstreamError) else None


def _problem(status: int, more: dict[str, str]) -> JsonResponse:
    return JsonResponse(_content(status, more), status=status, content_type=TYPE)


def _page(status: int, more: dict[str, str]) -> HttpResponse:
    return HttpResponse(f"<h1>{responses[status]}</h1><p>{more['code']}</p>", status=status)


def _retry_after(response: HttpResponse, seconds: float | None) -> HttpResponse:
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
    headers = [(b"content-type", TYPE.encode()), (b"content-length", b"%d" % len(body))]
    if retry_after is not None:
        headers.append((b"retry-after", b"%d" % retry_after))
    if close:
        headers.append((b"connection", b"close"))
    head = {"type": "http.response.start", "status": status, "headers": headers}
    return head, {"type": "http.response.body", "body": body}


def _content(status: int, more: dict[str, str]) -> dict[str, object]:
    problem = {"type": "about:blank", "title": responses.get(status, "Error"), "status": status, **more}
    return {**problem, "request_id": context.request_id.get()}
