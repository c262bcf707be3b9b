"""Turns a failed upstream call, or a bad request, into the answer it stands for (RFC 9457)."""

import logging
import math
from collections.abc import Callable
from http import HTTPStatus

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.core.exceptions import BadRequest
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase

from services.core import context
from services.core.errors import UpstreamError

logger = logging.getLogger(__name__)


class Problems:
    """Django middleware: a view that raises `UpstreamError` or `BadRequest` answers with its status."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> JsonResponse | None:
        """Called by Django with what a view raised."""
        if isinstance(error, BadRequest):
            return _problem(400, {"detail": str(error)})
        failed = _upstream_error(error)
        if failed is None:
            return None
        logger.warning("%s: %s", type(failed).__name__, failed)
        response = _problem(failed.status, {"code": type(failed).__name__})
        if failed.retry_after is not None:
            response["Retry-After"] = str(math.ceil(failed.retry_after))
        return response


def _upstream_error(error: Exception) -> UpstreamError | None:
    # A task group wraps the error of the call that failed.
    while isinstance(error, ExceptionGroup) and error.split(UpstreamError)[1] is None:
        error = error.exceptions[0]
    return error if isinstance(error, UpstreamError) else None


def _problem(status: int, more: dict[str, str]) -> JsonResponse:
    problem = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, **more}
    problem["request_id"] = context.request_id.get()
    return JsonResponse(problem, status=status, content_type="application/problem+json")
