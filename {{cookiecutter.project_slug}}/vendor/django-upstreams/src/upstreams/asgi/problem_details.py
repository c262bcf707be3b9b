"""Maps failures to responses, as `application/problem+json` (RFC 9457)."""

import json
import logging
from collections.abc import Mapping
from http.client import responses

from django.conf import settings
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import InterfaceError, OperationalError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    JsonResponse,
)
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.urls import Resolver404
from django.utils.html import format_html, format_html_join

from upstreams import conf
from upstreams.asgi import problem_debug
from upstreams.asgi.allowed_methods import allow_options
from upstreams.asgi.error_groups import drop_frames, first_of_group
from upstreams.asgi.os_errors import refusal_of
from upstreams.asgi.too_many_requests import TooManyRequests
from upstreams.clients import misplaced
from upstreams.clients.sdk_errors import upstream_error_of
from upstreams.core import context
from upstreams.core.asgi_types import Message
from upstreams.core.errors import UpstreamError
from upstreams.core.retry_after import header_value
from upstreams.fastpath.inline_middleware import InlineMiddleware

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
BODY_HEADERS = ("Content-Disposition", "Content-Encoding", "Content-Language", "ETag")
"""Headers that describe one body, and would be wrong beside another."""
DJANGOS_PAGES = (
    b'\n<!doctype html>\n<html lang="en">\n<head>\n  <title>',
    b'<!DOCTYPE html>\n<html lang="en">\n<head>\n  <meta http-equiv="content-type"',
)
"""How Django's own pages begin, for errors and for CSRF.

Undocumented (Django 6.1): views/defaults.py and views/templates/csrf_403.html. tests/package/asgi/test_problem_details.py
has both.
"""
STATUSES = {
    BadRequest: 400,
    PermissionDenied: 403,
    Http404: 404,
    RequestDataTooBig: 413,
    TooManyFieldsSent: 400,
    TooManyFilesSent: 400,
    MultiPartParserError: 400,
}


class ProblemDetailsMiddleware(InlineMiddleware):
    """Django middleware: an error becomes a problem, except on pages of `settings.UPSTREAMS_HTML_ERROR_APPS`.

    An error is what a view raises, and every response from 400 on that is empty or one of Django's own pages. What a
    view or a template of the project says stays.
    """

    is_sync_safe = True
    """`process_exception` does no I/O, so that upstreams/fastpath/handler.py needs no thread for it."""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the response for an exception that a view has raised."""
        group, error = error, first_of_group(error)
        error = upstream_error_of(error) or error
        is_html = _is_html_page(request)
        respond = _html_page if is_html else problem
        if isinstance(error, (OperationalError, InterfaceError)):
            logger.error("the database cannot be used", exc_info=error)
            more: dict[str, object] = {"detail": str(error)} if settings.DEBUG else {}
            return _retry_after(respond(503, {"code": "DatabaseUnavailable", **more}), 1)
        if (refusal := refusal_of(error)) is not None:
            return _retry_after(respond(refusal.status, {"code": refusal.code}), refusal.retry_after)
        if isinstance(error, TooManyRequests):
            return _retry_after(respond(429, {"detail": str(error)}), error.retry_after)
        if isinstance(error, UpstreamError):
            code = type(error).__name__
            logger.warning("%s: %s", code, str(error), extra=error.log_fields)
            more = problem_debug.upstream_fields(error) if settings.DEBUG else {}
            drop_frames(group)
            return _retry_after(respond(error.status, {"code": code, **more}), error.retry_after)
        status = next((status for kind, status in STATUSES.items() if isinstance(error, kind)), None)
        if status is None:
            misplaced.explain_sync_call(error)
            problem_debug.remember(request, error if settings.DEBUG else None)
        if status is None or is_html:
            if error is not group:
                raise error from None  # Django makes the response; that to a group is a 500
            return None
        # Django's message for a URL that nothing matches lists all URL patterns.
        detail = "" if isinstance(error, Resolver404) else str(error)
        return problem(status, {"detail": detail} if detail else {})

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Replace the body of an error; its status and headers, such as `Allow`, stay."""
        if response.status_code < 400 or not isinstance(response, HttpResponse):
            return response
        if _is_html_page(request):
            return response
        if response.status_code == 405:
            response = allow_options(request, response)
            if response.status_code == 200:
                return response
        more = problem_debug.page_fields(request, response) if settings.DEBUG else None
        if more is None and _has_own_content(request, response):
            return response
        response.content = json.dumps(_content(response.status_code, more or {})).encode()
        for name in BODY_HEADERS:
            response.headers.pop(name, None)
        response["Content-Type"] = CONTENT_TYPE
        response["Content-Length"] = str(len(response.content))
        return response


def problem_messages(
    status: int,
    detail: str,
    *,
    retry_after: int | None = None,
    close: bool = False,
    limit: str | None = None,
) -> tuple[Message, Message]:
    """Return a problem as ASGI messages, for requests that are refused before Django.

    Args:
        status: the HTTP status.
        detail: what is wrong.
        retry_after: seconds.
        close: whether the connection ends with the response.
        limit: the setting or the decorator behind it.
    """
    more = {"detail": detail} if limit is None else {"detail": detail, "limit": limit}
    body = json.dumps(_content(status, more)).encode()
    headers = [(b"content-type", CONTENT_TYPE.encode()), (b"content-length", b"%d" % len(body))]
    if retry_after is not None:
        headers.append((b"retry-after", b"%d" % retry_after))
    if close:
        headers.append((b"connection", b"close"))
    start = {"type": "http.response.start", "status": status, "headers": headers}
    return start, {"type": "http.response.body", "body": body}


def _is_html_page(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and not set(match.app_names).isdisjoint(conf.current().html_error_apps)


def _has_own_content(request: HttpRequest, response: HttpResponse) -> bool:
    is_html = response.get("Content-Type", "").startswith("text/html")
    if not is_html or (settings.DEBUG and response.content):
        return True
    if not response.content or response.content.startswith(DJANGOS_PAGES):
        return False
    # What a view has written is for its clients; a page such as 404.html is for browsers alone.
    is_of_view = request.resolver_match is not None and problem_debug.ERROR not in vars(request)
    return is_of_view or "text/html" in request.headers.get("Accept", "")


def problem(status: int, more: dict[str, object]) -> JsonResponse:
    """Return a problem with further fields, such as `detail`."""
    return JsonResponse(_content(status, more), status=status, content_type=CONTENT_TYPE)


def _html_page(status: int, more: dict[str, object]) -> HttpResponse:
    sentence = more.pop("code", None) or more.pop("detail")
    page = format_html("<h1>{}</h1><p>{}</p>", responses[status], sentence)
    if more:
        page += format_html(
            "<dl>{}</dl>", format_html_join("", "<dt>{}</dt><dd><pre>{}</pre></dd>", more.items())
        )
    return HttpResponse(page, status=status)


def _retry_after(response: HttpResponse, seconds: float | None) -> HttpResponse:
    if (value := header_value(seconds)) is not None:
        response["Retry-After"] = value
    return response


def _content(status: int, more: Mapping[str, object]) -> dict[str, object]:
    problem = {"type": "about:blank", "title": responses.get(status, "Error"), "status": status, **more}
    return {**problem, "request_id": context.request_id.get()}
