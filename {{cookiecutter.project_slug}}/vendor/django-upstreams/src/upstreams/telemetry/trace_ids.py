"""The parts of tracing that are loaded whether traces are on or off."""

from opentelemetry import trace
from opentelemetry.context import get_current

from upstreams.core import tracing
from upstreams.core.asgi_types import App


def trace_requests(app: App) -> App:
    """Return the application inside a layer that makes a span for each request, or unchanged if traces are off."""
    if not tracing.is_on():
        return app
    from upstreams.telemetry.asgi_spans import ASGISpans  # it reads the environment when it is imported

    return ASGISpans(app)


def ids() -> dict[str, str]:
    """Return `trace_id` and `span_id` of the current span in hex, for log records; empty without a span."""
    if not get_current():  # always so where traces are off
        return {}
    span = trace.get_current_span().get_span_context()
    if not span.is_valid:
        return {}
    return {"trace_id": trace.format_trace_id(span.trace_id), "span_id": trace.format_span_id(span.span_id)}
