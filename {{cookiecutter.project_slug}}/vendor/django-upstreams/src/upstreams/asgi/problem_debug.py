"""What a problem says under DEBUG, and in production never: the error's sentence, the upstream's body, the traceback."""

import traceback

from django.http import HttpRequest, HttpResponse

from upstreams.core.errors import UpstreamError, UpstreamStatusError

JSON_TYPES = ("application/json", "application/problem+json")
ERROR = "_upstreams_error"
"""The attribute of a request that has the exception of its view, or None in production."""
NOT_FOUND_PAGE = b'<!DOCTYPE html>\n<html lang="en">\n<head>\n  <meta http-equiv="content-type"'
"""How Django's technical 404 begins.

Undocumented (Django 6.1): views/templates/technical_404.html. tests/package/asgi/test_problem_debug.py has it.
"""


def upstream_fields(error: UpstreamError) -> dict[str, object]:
    """Return what a developer needs to know of a failed call, as fields of the problem."""
    fields: dict[str, object] = {"detail": str(error), "upstream": error.alias, "attempts": error.attempts}
    if error.limit is not None:
        fields["limit"] = str(error.limit)
    if isinstance(error, UpstreamStatusError):
        fields["upstream_status"] = error.response.status_code
    if error.excerpt is not None:
        fields["upstream_body"] = error.excerpt
    return fields


def remember(request: HttpRequest, error: Exception | None) -> None:
    """Keep the exception of a view until Django has logged it and made its response; None keeps that there was one."""
    setattr(request, ERROR, error)


def page_fields(request: HttpRequest, response: HttpResponse) -> dict[str, object] | None:
    """Return what a problem says in place of Django's technical page, if that is the response to a client of JSON."""
    error: Exception | None = vars(request).pop(ERROR, None)
    accepted = request.headers.get("Accept", "*/*")
    # `*/*`, which curl sends, is no preference.
    if "text/html" in accepted or not any(kind in accepted for kind in JSON_TYPES):
        return None
    if error is not None and response.status_code == 500:
        lines = "".join(traceback.format_exception(error)).splitlines()
        return {"detail": f"{type(error).__name__}: {error}", "traceback": lines}
    if request.resolver_match is None and response.content.startswith(NOT_FOUND_PAGE):
        return {"detail": f"no URL pattern matches {request.path}"}
    return None
