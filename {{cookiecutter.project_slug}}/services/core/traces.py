"""Whether this process traces, and what its spans have in common."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from os import environ

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode, get_tracer

SWITCHES = ("OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
METHODS = {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"}


def is_on() -> bool:
    """Whether OpenTelemetry's standard variables ask for traces. Where they do not, no layer is put in place."""
    disabled = environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    none = environ.get("OTEL_TRACES_EXPORTER", "").strip().lower() == "none"
    return not disabled and not none and any(environ.get(name) for name in SWITCHES)


def known(method: str) -> str:
    """A method as spans name it: others could be made up by a client, without end."""
    return method if method in METHODS else "_OTHER"


def name(method: str, target: str | None) -> str:
    """The name of a span, which has to be one of few."""
    method = "HTTP" if known(method) == "_OTHER" else method
    return f"{method} {target}" if target else method


@contextmanager
def work(
    what: str,
    kind: SpanKind = SpanKind.INTERNAL,
    attributes: Mapping[str, str | int] | None = None,
    parent: Context | None = None,
) -> Iterator[Span | None]:
    """A span around work that no request waits for, in the trace it was started from; none where traces are off.

    Args:
        what: names the work, one of few.
        kind: of the span.
        attributes: its attributes.
        parent: where it was started, if not here.
    """
    if not is_on():
        yield None
        return
    with get_tracer("services").start_as_current_span(
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
    """Mark a span as failed: an error's class or a status, never its message, which may hold anything."""
    span.set_status(StatusCode.ERROR)
    span.set_attribute("error.type", kind)
