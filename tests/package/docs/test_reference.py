"""The tables of the documentation have what the code has: keys, settings, errors, metrics, public names, layers."""

import json
import logging
import re

import msgspec
import pytest
import upstreams
from testproject.asgi import application
from testproject.paths import PACKAGE
from upstreams import conf
from upstreams.asgi import metrics as http_metrics
from upstreams.core import errors, metrics
from upstreams.core.definition import Definition
from upstreams.core.inbound import Idempotency, WebhookSource
from upstreams.environ import Env
from upstreams.tasks import metrics as task_metrics
from upstreams.telemetry.logging import logging_config

LAYERS = {
    "HealthProbes": "health",
    "MetricsEndpoint": "metrics",
    "GracefulShutdown": "graceful shutdown",
    "AccessLog": "access log",
    "Admission": "request limits",
    "Static": "static files",
}
ROW = re.compile(r"^\| (.+?) \|$", re.MULTILINE)


def text(page):
    return (PACKAGE / "docs" / f"{page}.md").read_text()


def rows(page, heading):
    """The cells of each row of the first table below a heading, without its head."""
    below = text(page).partition(f"{heading}\n")[2]
    table = re.search(r"(?:^\|.*\n)+", below, re.MULTILINE)[0]
    return [row.split(" | ") for row in ROW.findall(table.replace("| |", "|  |"))][1:]


def default(field):
    value = field.default if field.default is not msgspec.NODEFAULT else None
    if field.default_factory is not msgspec.NODEFAULT:
        value = field.default_factory()
    if isinstance(value, msgspec.Struct):
        return "see below"
    return f"`{list(value) if isinstance(value, tuple) else value!r}`".replace("'", '"')


def fields(struct):
    return msgspec.structs.fields(struct)


def test_the_environment_variables_and_their_defaults():
    documented = [(row[0], row[1]) for row in rows("settings", "## Environment variables")]
    written = [
        (f"`{field.name.upper()}`", default(field).replace("[]", chr(34) * 2)) for field in fields(Env)
    ]
    assert documented == written  # a list is text in a variable


def test_the_keys_of_an_upstream_and_their_defaults():
    documented = [(row[0], row[1]) for row in rows("upstreams", "## Keys")]
    expected = [
        (f"`{field.encode_name}`", "" if field.required else default(field))
        for field in fields(Definition)
        if field.name != "alias"
    ]
    assert documented == expected


@pytest.mark.parametrize(
    ("heading", "struct"),
    [
        ("# Settings", conf.Settings),
        ("## Timeouts", conf.Timeouts),
        ("## Limits", conf.Limits),
        ("## Idempotency", Idempotency),
    ],
)
def test_the_settings_and_their_defaults(heading, struct):
    documented = [(row[0], row[1]) for row in rows("settings", heading)]
    prefix = "UPSTREAMS_" if struct is conf.Settings else ""
    expected = [
        (f"`{prefix}{field.encode_name.removeprefix(prefix)}`", default(field)) for field in fields(struct)
    ]
    assert documented == expected


def test_the_keys_of_a_source_of_webhooks_and_their_defaults():
    documented = [(row[0], row[1].strip()) for row in rows("inbound", "maps a name to these keys:")]
    expected = [
        (f"`{field.encode_name}`", "" if field.required else default(field))
        for field in fields(WebhookSource)
    ]
    assert documented == expected


def test_the_errors_and_their_status():
    documented = {row[0].strip("`"): int(row[1]) for row in rows("errors", "# Errors")}
    raised = {
        kind.__name__: kind.status
        for kind in vars(errors).values()
        if isinstance(kind, type)
        and issubclass(kind, errors.UpstreamError)
        and kind is not errors.UpstreamError
    }
    assert documented == raised


def test_the_metrics_and_their_labels():
    documented = {row[0].strip("`"): row[1].strip() for row in rows("observability", "## Metrics")}
    families = [
        value
        for module in (http_metrics, metrics, task_metrics)
        for value in vars(module).values()
        if hasattr(value, "describe") and hasattr(value, "_labelnames")
    ]
    assert documented == {name(family): ", ".join(family._labelnames) for family in families}


def name(family):
    described = family.describe()[0]
    return f"{described.name}_total" if described.type == "counter" else described.name


def test_the_public_names():
    promised = set(
        re.findall(r"`(\w+)`", text("stability").partition("`upstreams` exports")[2].partition("\n")[0])
    )
    assert promised == set(upstreams.__all__)


def test_the_log_fields_of_every_line():
    formatter = logging_config("INFO", readable=False)["formatters"]["line"]["()"]()
    record = logging.LogRecord("a", logging.INFO, __file__, 1, "hello", None, None)
    named = text("observability").partition("Every line has")[2].partition("\n")[0]
    assert json.loads(formatter.format(record)).keys() <= set(re.findall(r"`(\w+)`", named))


def test_the_layers_are_named_in_the_order_of_a_request():
    found = []
    layer = application
    while layer := getattr(layer, "_app", None):
        found.append(LAYERS.get(type(layer).__name__, "Django"))
    order = text("asgi").partition("passes these layers in this order: lifespan, ")[2].partition(".")[0]
    assert [
        name for name in order.split(", ") if name not in ("traces", "CORS", "forwarded headers")
    ] == list(dict.fromkeys(found))
