import json
import logging

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from upstreams.core import context
from upstreams.telemetry.logging import JSONFormatter


@pytest.fixture(scope="session")
def collector():
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)  # which can be done once in a process
    return exporter


@pytest.fixture
def spans(collector, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    collector.clear()
    return collector.get_finished_spans


@pytest.fixture
def lines(caplog, monkeypatch):
    """What is logged, as it is written."""
    written = []
    write = [lambda record: written.append(json.loads(JSONFormatter().format(record))) or True]
    monkeypatch.setattr(caplog.handler, "filters", write)  # the handler is that of all tests
    caplog.set_level(logging.INFO)
    return written


@pytest.fixture
def request_id():
    token = context.request_id.set("of-the-request")
    yield "of-the-request"
    context.request_id.reset(token)
