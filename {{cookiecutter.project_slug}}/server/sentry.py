"""Reports errors to Sentry: what this process logs at ERROR, and what ends it. Nothing that a client sent."""

from typing import Any, cast

import sentry_sdk
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.types import Event, Hint
from sentry_sdk.utils import BadDsn

from server.flushing import at_end
from server.traces import ids
from services.core import context, errors

END = 1.0
"""Seconds that the last reports have when the process ends."""
KEPT = {
    "event_id",
    "timestamp",
    "platform",
    "level",
    "logger",
    "environment",
    "release",
    "server_name",
    "sdk",
}


def configure() -> None:
    """Report errors to `settings.SENTRY_DSN`.

    Raises:
        ImproperlyConfigured: it is not a DSN.
    """
    try:
        sentry_sdk.init(
            dsn=settings.SENTRY_DSN,
            # Those for Django and HTTP clients patch what they find: a thread hop a request, URLs in reports.
            default_integrations=False,
            auto_enabling_integrations=False,
            integrations=[
                LoggingIntegration(level=None, sentry_logs_level=None),
                ExcepthookIntegration(),
                DedupeIntegration(),
            ],
            before_send=reported,
            include_local_variables=False,
            send_default_pii=False,
            max_request_body_size="never",
        )
    except (BadDsn, ValueError):
        raise ImproperlyConfigured("SENTRY_DSN: write https://key@host/project, as Sentry shows it") from None
    at_end(lambda: sentry_sdk.flush(END))


def reported(event: Event, hint: Hint) -> Event | None:
    """What may leave of an event: error types and stacks, never values, arguments or requests."""
    logger = str(event.get("logger", ""))
    if logger == "django.request" and "exc_info" not in hint:
        return None  # a view answered 5xx on purpose, for a failed upstream
    if logger.startswith("django.security."):
        return None  # a client's doing, answered with 400, in words of its own
    kept: dict[str, Any] = {name: value for name, value in event.items() if name in KEPT}
    if "exception" in event:
        kept["exception"] = {"values": [_exception(one) for one in event["exception"]["values"]]}
    else:
        # Before its placeholders are filled in, and without asyncio's further lines, which describe a task.
        message = event.get("logentry", {}).get("message", "")
        kept["logentry"] = {"message": str(message).partition("\n")[0]}
    tags = {"request_id": context.request_id.get(), **ids()}
    kept["tags"] = {name: value for name, value in tags.items() if value}
    return cast(Event, kept)


def _exception(value: dict[str, Any]) -> dict[str, Any]:
    kind = getattr(errors, value["type"] or "", None)
    is_ours = value.get("module") == errors.__name__ and isinstance(kind, type)
    # The messages of upstream errors hold no secret; others do: a ValidationError's shows its input.
    if is_ours and issubclass(cast(type, kind), errors.UpstreamError):
        return value
    return {name: part for name, part in value.items() if name != "value"}
