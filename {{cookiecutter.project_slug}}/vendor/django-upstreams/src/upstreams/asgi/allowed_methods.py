"""The response to OPTIONS of views that name their methods (RFC 9110 §9.3.7)."""

from django.http import HttpRequest, HttpResponse

NINJAS_TEXT = b"Method not allowed"
"""What django-ninja 1.7 writes into its 405. tests/package/contrib/ninja/test_methods.py has one."""


def allow_options(request: HttpRequest, refused: HttpResponse) -> HttpResponse:
    """Name OPTIONS in a 405, or make it the response to OPTIONS: a 200 without content, as of Django's `View`."""
    if refused.content == NINJAS_TEXT:
        refused.content = b""
    allowed = [name for name in refused.get("Allow", "").split(", ") if name]
    if not allowed:
        return refused
    refused["Allow"] = ", ".join(sorted({*allowed, "OPTIONS"}))
    if request.method == "OPTIONS":
        refused.status_code, refused.content = 200, b""
        refused["Content-Length"] = "0"
        del refused["Content-Type"]
    return refused
