"""Where spans go: OpenTelemetry's SDK, set up by its standard variables."""

import logging
import threading
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import entry_points
from os import environ

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from opentelemetry import trace
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from server.flushing import at_end

END = 1.0
"""Seconds that the last spans have when the process ends: the SDK's own 30 would outlast any grace."""
GROUP = "opentelemetry_traces_exporter"
logger = logging.getLogger(__name__)


def configure() -> None:
    """Send the spans of this process to the exporters that the environment names.

    Raises:
        ImproperlyConfigured: a variable is wrong, or an exporter is not installed.
    """
    if isinstance(trace.get_tracer_provider(), TracerProvider):
        return  # set up by another: `opentelemetry-instrument`, a test
    try:
        import_module("opentelemetry.propagate")  # which reads OTEL_PROPAGATORS
        provider = _provider()
    except ValueError as error:
        raise ImproperlyConfigured(f"traces, in an OTEL_ variable: {error}") from None
    trace.set_tracer_provider(provider)
    _shut_down_at_end(provider)


class Outage(logging.Handler):
    """Turns what exporters log of each attempt and each batch into one line an outage."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.is_known = False
        exporters = logging.getLogger("opentelemetry.exporter")
        exporters.addHandler(self)
        exporters.propagate = False

    def emit(self, record: logging.LogRecord) -> None:
        if not self.is_known:
            self.is_known = True
            logger.warning(
                "traces get lost, which is not said again until it is over: %s", record.getMessage()
            )


class Watched(SpanExporter):
    """Notes when an outage is over.

    Args:
        inner: the exporter.
        outage: what it notes it in.
    """

    def __init__(self, inner: SpanExporter, outage: Outage) -> None:
        self._inner = inner
        self._outage = outage

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._inner.export(spans)
        if result is SpanExportResult.SUCCESS and self._outage.is_known:
            self._outage.is_known = False
            logger.info("traces are delivered again")
        return result

    def shutdown(self) -> None:
        self._inner.shutdown()


def _provider() -> TracerProvider:
    attributes = OTELResourceDetector().detect().attributes
    name = attributes.get(SERVICE_NAME, settings.BASE_DIR.name)
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: name}), shutdown_on_exit=False)
    outage = Outage()
    for exporter in _exporters():
        provider.add_span_processor(BatchSpanProcessor(Watched(exporter, outage)))
    return provider


def _exporters() -> list[SpanExporter]:
    named = environ.get("OTEL_TRACES_EXPORTER") or "otlp"
    return [_exporter(name.strip().lower()) for name in named.split(",")]


def _exporter(name: str) -> SpanExporter:
    variable = "OTEL_TRACES_EXPORTER"
    if name == "otlp":
        variable = "OTEL_EXPORTER_OTLP_PROTOCOL"
        protocol = environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or environ.get(variable)
        name = "otlp_proto_grpc" if protocol == "grpc" else "otlp_proto_http"
    found = entry_points(group=GROUP)
    if name not in found.names:
        known = ", ".join(sorted(found.names))
        raise ImproperlyConfigured(f"{variable}: the exporter {name} is not installed; installed are {known}")
    exporter: SpanExporter = found[name].load()()
    return exporter


def _shut_down_at_end(provider: TracerProvider) -> None:
    ending = threading.Event()

    def shut_down() -> None:
        ending.wait()
        provider.shutdown()

    # Started now: while Python exits, it starts no thread.
    thread = threading.Thread(target=shut_down, name="last traces", daemon=True)
    thread.start()

    def flush() -> None:
        ending.set()
        thread.join(END)

    at_end(flush)
