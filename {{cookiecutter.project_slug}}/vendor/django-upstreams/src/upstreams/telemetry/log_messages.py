"""The messages of log records, without what Django writes into them and may be secret."""

import logging
from urllib.parse import urlsplit

from django.http import HttpRequest

REFERER, NOT_TRUSTED = "Referer checking failed - ", " does not match any trusted origins."
"""What Django writes around the page that a forged form came from, whose address may hold a secret.

Undocumented: REASON_BAD_REFERER of django.middleware.csrf (Django 5.2 to 6.1). tests/package/telemetry/test_logs.py
compares it.
"""


def message_of(record: logging.LogRecord) -> str:
    """Return the message of a record without the path of its request, and without the page that a form came from."""
    message = record.getMessage()
    request = getattr(record, "request", None)
    if isinstance(request, HttpRequest):
        # Django logs the path, which may be a secret link.
        route = f"/{request.resolver_match.route}" if request.resolver_match else "(no route)"
        message = message.replace(request.path, route)
    if record.name == "django.security.csrf":
        before, mark, referer = message.partition(REFERER)
        referer, end, after = referer.rpartition(NOT_TRUSTED)
        if mark and end:
            parts = urlsplit(referer)
            message = f"{before}{mark}{parts.scheme}://{parts.hostname}{end}{after}"
    return message
