"""What the rest of server/ needs of traces, whether they are on or off."""

from opentelemetry import trace
from opentelemetry.context import get_current

from server.types import App
from services.core import traces


def traced(app: App) -> App:
    """The app within a span for each request, if traces are on; the app as it is, if not."""
    if not traces.is_on():
        return app
    from server.traced import Traced  # it reads the environment as it is imported

    return Traced(app)


def ids() -> dict[str, str]:
    """`trace_id` and `span_id` of the current span, in hex, for log records; empty where there is none."""
    if not get_current():  # so it is in every request where traces are off
        return {}
    span = trace.get_current_span().get_span_context()
    if not span.is_valid:
        return {}
    return {"trace_id": trace.format_trace_id(span.trace_id), "span_id": trace.format_span_id(span.span_id)}
