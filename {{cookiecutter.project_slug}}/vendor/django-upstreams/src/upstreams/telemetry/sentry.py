"""Reports errors to Sentry: what is logged at ERROR, and what ends the process. Reports hold nothing that a client sent."""

from typing import Any, cast

import sentry_sdk
from django.core.exceptions import ImproperlyConfigured
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.types import Event, Hint
from sentry_sdk.utils import BadDsn

from upstreams import conf
from upstreams.core import context, errors
from upstreams.telemetry.exit_hooks import flush_at_exit
from upstreams.telemetry.trace_ids import ids

EXIT_TIMEOUT = 1.0
"""Seconds for the last reports when the process ends."""
SAFE_KEYS = {
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
    """Report errors to `settings.UPSTREAMS_SENTRY_DSN`.

    Raises:
        ImproperlyConfigured: it is not a DSN.
    """
    try:
        sentry_sdk.init(
            dsn=conf.current().sentry_dsn,
            # Those for Django and HTTP clients patch both: a thread switch for each request, URLs in reports.
            default_integrations=False,
            auto_enabling_integrations=False,
            integrations=[
                LoggingIntegration(level=None, sentry_logs_level=None),
                ExcepthookIntegration(),
                DedupeIntegration(),
            ],
            before_send=scrub_event,
            include_local_variables=False,
            send_default_pii=False,
            max_request_body_size="never",
        )
    except (BadDsn, ValueError):
        raise ImproperlyConfigured(
            "UPSTREAMS_SENTRY_DSN: write https://key@host/project, as Sentry shows it"
        ) from None
    flush_at_exit(lambda: sentry_sdk.flush(EXIT_TIMEOUT))


def scrub_event(event: Event, hint: Hint) -> Event | None:
    """Return what may be sent of an event: error types and stacks, never values, arguments or requests."""
    logger = str(event.get("logger", ""))
    if logger == "django.request" and "exc_info" not in hint:
        return None  # a view responded with 5xx on purpose, because an upstream failed
    if logger.startswith("django.security."):
        return None  # a client's mistake, a 400; the message holds what it sent
    kept: dict[str, Any] = {name: value for name, value in event.items() if name in SAFE_KEYS}
    if "exception" in event:
        kept["exception"] = {"values": [_exception(one) for one in event["exception"]["values"]]}
    else:
        # The template, without arguments, and without asyncio's further lines, which describe a task.
        message = event.get("logentry", {}).get("message", "")
        kept["logentry"] = {"message": str(message).partition("\n")[0]}
    tags = {"request_id": context.request_id.get(), **ids()}
    kept["tags"] = {name: value for name, value in tags.items() if value}
    return cast(Event, kept)


def _exception(value: dict[str, Any]) -> dict[str, Any]:
    kind = getattr(errors, value["type"] or "", None)
    is_ours = value.get("module") == errors.__name__ and isinstance(kind, type)
    # Messages of upstream errors hold no secret. Others may: that of a ValidationError shows its input.
    if is_ours and issubclass(cast(type, kind), errors.UpstreamError):
        return value
    return {name: part for name, part in value.items() if name != "value"}
