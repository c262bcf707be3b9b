"""Spans leave the process, and a collector that does not take them holds nothing up."""

import logging
import subprocess
import sys
from time import monotonic

import pytest
from django.conf import settings
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from testproject.processes import (
    SECONDS,
    environment,
    seen,
    serving,
)
from upstreams.core.httpx import httpx
from upstreams.telemetry.otlp import OutageExporter, OutageLog
from upstreams.testing.loopback import Loopback, http_response

pytestmark = pytest.mark.processes

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def upstream(loopback):
    return loopback.on("/random", http_response({"text": "a", "author": "b"}))


@pytest.fixture
def collector():
    with Loopback() as collector:
        yield collector.on("/v1/traces", http_response(b""))


def exported(collector):
    batches = [ExportTraceServiceRequest.FromString(request.body) for request in collector.requests]
    return [resource for batch in batches for resource in batch.resource_spans]


def spans(collector):
    return [
        span for resource in exported(collector) for scope in resource.scope_spans for span in scope.spans
    ]


def test_what_is_left_at_exit_is_delivered(upstream, collector):
    with serving(upstream, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url) as service:
        httpx.get(f"{service.url}/quotes/random", headers={"traceparent": TRACEPARENT})
        httpx.get(f"{service.url}/livez")
    attributes = exported(collector)[0].resource.attributes
    names = [one.value.string_value for one in attributes if one.key == "service.name"]
    assert sorted(span.name for span in spans(collector)) == ["GET /quotes/random", "GET /random"]
    assert {span.trace_id.hex() for span in spans(collector)} == {TRACEPARENT.split("-")[1]}
    assert names == [settings.BASE_DIR.name]
    assert "0af7651916cd43dd8448eb211c80319c" in upstream.requests[0].headers["traceparent"]


def test_what_a_command_leaves_at_exit_is_delivered(upstream, collector):
    call = "from asgiref.sync import async_to_sync; from testproject.quotes import quotes; async_to_sync(quotes.random)()"
    env = environment(upstream, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", call], env=env, check=True, timeout=SECONDS
    )
    assert [span.name for span in spans(collector)] == ["GET /random"]


def test_the_standard_variables_hold(upstream, collector):
    env = {"OTEL_SERVICE_NAME": "ours", "OTEL_TRACES_SAMPLER": "always_off", "OTEL_PROPAGATORS": "none"}
    with serving(upstream, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, **env) as service:
        httpx.get(f"{service.url}/quotes/random", headers={"traceparent": TRACEPARENT})
    assert "traceparent" not in upstream.requests[0].headers
    assert spans(collector) == []


def test_a_collector_that_hangs_does_not_hold_the_exit_up(upstream, collector):
    collector.clear().on("/v1/traces", "hang")
    with serving(upstream, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url) as service:
        httpx.get(f"{service.url}/quotes/random")
        began = monotonic()
    assert monotonic() - began < 8  # the exporter's own limit is 10


def test_a_collector_that_is_away_is_one_line(upstream):
    env = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_BSP_SCHEDULE_DELAY": "10"}
    with serving(upstream, **env) as service:
        assert httpx.get(f"{service.url}/quotes/random").status_code == 200
        line = seen(service, "traces are being lost")[-1]
        assert httpx.get(f"{service.url}/quotes/random").status_code == 200
    assert "host='127.0.0.1', port=9" in line
    assert "traces are being lost" not in service.rest


class Flaky(SpanExporter):
    """Logs as exporters do, and succeeds as often as it is told."""

    def __init__(self, *results):
        self.results = list(results)

    def export(self, spans):
        logging.getLogger("opentelemetry.exporter.otlp").warning("retrying")
        logging.getLogger("opentelemetry.exporter.otlp").error("no collector")
        return self.results.pop(0)


def test_each_outage_is_one_line(monkeypatch, caplog):
    exporters = logging.getLogger("opentelemetry.exporter")
    monkeypatch.setattr(exporters, "handlers", [])
    monkeypatch.setattr(exporters, "propagate", True)
    failure, success = SpanExportResult.FAILURE, SpanExportResult.SUCCESS
    exporter = OutageExporter(Flaky(failure, failure, success, failure), OutageLog())
    with caplog.at_level(logging.INFO, "upstreams.telemetry.otlp"):
        assert [exporter.export([]) for _ in range(4)] == [failure, failure, success, failure]
    lost = "traces are being lost, logged once until they are not: retrying"
    assert caplog.messages == [lost, "traces are delivered again", lost]


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("OTEL_PROPAGATORS", "b4", "traces, in an OTEL_ variable: Propagator b4 not found. "),
        (
            "OTEL_BSP_SCHEDULE_DELAY",
            "0",
            "traces, in an OTEL_ variable: schedule_delay_millis must be positive",
        ),
        (
            "OTEL_TRACES_EXPORTER",
            "otlq",
            "OTEL_TRACES_EXPORTER: the exporter otlq is not installed; installed",
        ),
        (
            "OTEL_EXPORTER_OTLP_PROTOCOL",
            "grpc",
            "OTEL_EXPORTER_OTLP_PROTOCOL: the exporter otlp_proto_grpc is not installed; installed",
        ),
    ],
)
def test_a_wrong_variable_is_one_line(loopback, variable, value, message):
    env = environment(loopback, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9", **{variable: value})
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert done.stderr.startswith(f"error: {message}")


def test_variables_of_traces_that_are_off_are_not_looked_at(loopback):
    command = [sys.executable, "manage.py", "check"]
    env = environment(loopback, OTEL_PROPAGATORS="b4")
    subprocess.run(command, env=env, check=True, timeout=SECONDS)
