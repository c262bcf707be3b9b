"""A server span for each request, where traces are on."""

import asyncio
import os

import pytest
from opentelemetry.trace import StatusCode
from testproject.asgi import application
from upstreams import open_clients
from upstreams.asgi.application import get_asgi_application
from upstreams.clients.loop_clients import Clients
from upstreams.core import tracing
from upstreams.core.definition import configured
from upstreams.core.httpx import httpx
from upstreams.policies.base import policies_of
from upstreams.telemetry.asgi_spans import ASGISpans
from upstreams.telemetry.trace_ids import ids, trace_requests
from upstreams.testing.lifespan import run_lifespan


async def requested(spans, app, method="GET", **more):
    scope = {"type": "http", "method": method, "scheme": "https", "headers": [], **more}

    async def send(_):
        pass

    await asyncio.gather(ASGISpans(app)(scope, None, send), return_exceptions=True)
    (span,) = spans()
    return span


def answers(status, *, route=None, complete=True):
    async def app(scope, receive, send):
        if route:
            scope["route"] = route
        await send({"type": "http.response.start", "status": status})
        await send({"type": "http.response.body", "body": b"", "more_body": not complete})

    return app


async def test_a_route_names_the_span_of_a_request(spans):
    span = await requested(spans, answers(200, route="/items/<int:pk>"))
    assert span.name == "GET /items/<int:pk>"
    assert span.attributes == {
        "http.request.method": "GET",
        "url.scheme": "https",
        "http.route": "/items/<int:pk>",
        "http.response.status_code": 200,
    }


async def test_a_made_up_method_is_other(spans):
    span = await requested(spans, answers(405, route="/items"), method="SECRET")
    assert (span.name, span.attributes["http.request.method"]) == ("HTTP /items", "_OTHER")


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [(200, None, StatusCode.UNSET), (404, None, StatusCode.UNSET), (503, "503", StatusCode.ERROR)],
)
async def test_only_an_answer_of_5xx_is_an_error(spans, status, error, code):
    span = await requested(spans, answers(status))
    assert (span.attributes.get("error.type"), span.status.status_code) == (error, code)


async def test_an_error_that_escapes_has_its_class_and_no_words(spans):
    async def app(scope, receive, send):
        raise OSError("secret")

    span = await requested(spans, app)
    assert (span.status.status_code, span.attributes["error.type"]) == (StatusCode.ERROR, "OSError")
    assert "secret" not in span.to_json()


async def test_a_client_that_leaves_is_no_complete_answer(spans):
    span = await requested(spans, answers(200, complete=False))
    assert span.attributes["error.type"] == "disconnected"


async def test_log_records_get_the_ids_of_the_span(spans):
    found = {}

    async def app(scope, receive, send):
        found.update(ids())
        await answers(200)(scope, receive, send)

    span = await requested(spans, app)
    assert found == {
        "trace_id": f"{span.context.trace_id:032x}",
        "span_id": f"{span.context.span_id:016x}",
    }
    assert ids() == {}


async def test_the_line_of_a_request_has_the_ids_of_its_span(spans, lines, upstreams, upstream_mock):
    application = get_asgi_application([open_clients])
    transport = httpx.ASGITransport(app=application)
    async with (
        run_lifespan(application),
        httpx.AsyncClient(transport=transport, base_url="http://testserver") as client,
    ):
        await client.get("/nothing")
    (span,) = spans()
    (line,) = [line for line in lines if line["event"] == "request"]
    assert line["span_id"] == f"{span.context.span_id:016x}"


def layers(client):
    return [type(policy).__name__ for policy in policies_of(client)]


@pytest.mark.parametrize(
    ("env", "is_on"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://a"}, True),
        ({"OTEL_TRACES_EXPORTER": "console"}, True),
        ({"OTEL_TRACES_EXPORTER": "None", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://a"}, False),
        ({"OTEL_SDK_DISABLED": "TRUE", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://a"}, False),
    ],
)
async def test_layers_are_in_place_only_where_traces_are_on(
    monkeypatch, upstreams, upstream_mock, env, is_on
):
    without = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    monkeypatch.setattr(tracing, "environ", without | env)
    clients = Clients()
    clients.add(configured()["quotes"])
    assert ("ClientSpans" in layers(clients.by_alias["quotes"])) is is_on
    assert (trace_requests(application) is not application) is is_on
