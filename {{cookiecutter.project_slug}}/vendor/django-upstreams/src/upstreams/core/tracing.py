"""Tracing with OpenTelemetry: whether it is on, and what all spans have in common."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from os import environ

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode, get_tracer

SWITCHES = ("OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
METHODS = {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"}
TRACER = "upstreams"


def is_on() -> bool:
    """Return whether OpenTelemetry's standard variables turn tracing on. Otherwise nothing is instrumented."""
    disabled = environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    none = environ.get("OTEL_TRACES_EXPORTER", "").strip().lower() == "none"
    return not disabled and not none and any(environ.get(name) for name in SWITCHES)


def switch() -> str:
    """Return the name of the variable that turns tracing on."""
    return next(name for name in SWITCHES if environ.get(name))


def known(method: str) -> str:
    """Return a method as spans name it: `_OTHER` for one that a client may have made up."""
    return method if method in METHODS else "_OTHER"


def name(method: str, target: str | None) -> str:
    """Return the name of an HTTP span, of low cardinality.

    Args:
        method: the HTTP method.
        target: the route or the path template, if there is one.
    """
    method = "HTTP" if known(method) == "_OTHER" else method
    return f"{method} {target}" if target else method


@contextmanager
def work(
    what: str,
    kind: SpanKind = SpanKind.INTERNAL,
    attributes: Mapping[str, str | int] | None = None,
    parent: Context | None = None,
) -> Iterator[Span | None]:
    """Record a span around background work; yield None where tracing is off.

    Args:
        what: the name of the span, of low cardinality.
        kind: of the span.
        attributes: of the span.
        parent: the context that started the work, if it is not the current one.
    """
    if not is_on():
        yield None
        return
    with get_tracer(TRACER).start_as_current_span(
        what,
        context=parent,
        kind=kind,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield span
        except BaseException as error:
            fail(span, type(error).__qualname__)
            raise


def fail(span: Span, kind: str) -> None:
    """Mark a span as failed.

    Args:
        span: the span.
        kind: an error's class or a status; never a message, which may hold secrets.
    """
    span.set_status(StatusCode.ERROR)
    span.set_attribute("error.type", kind)
