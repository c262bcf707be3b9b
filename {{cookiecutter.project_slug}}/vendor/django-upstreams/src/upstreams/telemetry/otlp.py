"""Exports spans with OpenTelemetry's SDK, which its standard environment variables configure."""

import logging
import threading
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import entry_points
from os import environ

from django.core.exceptions import ImproperlyConfigured
from opentelemetry import trace
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from upstreams import conf
from upstreams.core import extras, tracing
from upstreams.telemetry.exit_hooks import flush_at_exit

EXIT_TIMEOUT = 1.0
"""Seconds for the last spans when the process ends; the SDK's own 30 would outlast any grace period."""
EXPORTER_GROUP = "opentelemetry_traces_exporter"
logger = logging.getLogger(__name__)


def configure() -> None:
    """Send the spans of this process to the exporters that the environment names; does nothing the second time.

    Raises:
        ImproperlyConfigured: a variable is wrong, or an exporter is not installed.
    """
    if isinstance(trace.get_tracer_provider(), TracerProvider):
        return  # somebody else did it: `opentelemetry-instrument`, a test
    try:
        import_module("opentelemetry.propagate")  # reads OTEL_PROPAGATORS
        provider = _provider()
    except ValueError as error:
        raise ImproperlyConfigured(f"traces, in an OTEL_ variable: {error}") from None
    trace.set_tracer_provider(provider)
    _shut_down_at_exit(provider)


class OutageLog(logging.Handler):
    """Replaces what exporters log for each attempt and each batch with one line for each outage.

    Attributes:
        is_out: whether an outage has been logged that is not over.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.is_out = False
        exporters = logging.getLogger("opentelemetry.exporter")
        exporters.addHandler(self)
        exporters.propagate = False

    def emit(self, record: logging.LogRecord) -> None:
        if not self.is_out:
            self.is_out = True
            logger.warning("traces are being lost, logged once until they are not: %s", record.getMessage())


class OutageExporter(SpanExporter):
    """Logs the end of an outage.

    Args:
        inner: the exporter.
        outages: logs their beginning.
    """

    def __init__(self, inner: SpanExporter, outages: OutageLog) -> None:
        self._inner = inner
        self._outages = outages

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._inner.export(spans)
        if result is SpanExportResult.SUCCESS and self._outages.is_out:
            self._outages.is_out = False
            logger.info("traces are delivered again")
        return result

    def shutdown(self) -> None:
        self._inner.shutdown()


def _provider() -> TracerProvider:
    attributes = OTELResourceDetector().detect().attributes
    name = attributes.get(SERVICE_NAME, conf.base_dir().name)
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: name}), shutdown_on_exit=False)
    outages = OutageLog()
    for exporter in _exporters():
        provider.add_span_processor(BatchSpanProcessor(OutageExporter(exporter, outages)))
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
    found = entry_points(group=EXPORTER_GROUP)
    if name == "otlp_proto_http" and name not in found.names:
        raise ImproperlyConfigured(extras.needed(tracing.switch(), "otlp"))
    if name not in found.names:
        known = ", ".join(sorted(found.names))
        raise ImproperlyConfigured(f"{variable}: the exporter {name} is not installed; installed are {known}")
    exporter: SpanExporter = found[name].load()()
    return exporter


def _shut_down_at_exit(provider: TracerProvider) -> None:
    exiting = threading.Event()

    def shut_down() -> None:
        exiting.wait()
        provider.shutdown()

    # Started now, because Python starts no thread while it exits.
    thread = threading.Thread(target=shut_down, name="last traces", daemon=True)
    thread.start()

    def flush() -> None:
        exiting.set()
        thread.join(EXIT_TIMEOUT)

    flush_at_exit(flush)
