"""The one pipe of all log records: what is in a line, and what never is."""

import io
import json
import logging

import pytest
import structlog
from django.middleware.csrf import REASON_BAD_REFERER
from django.test import RequestFactory
from django.urls import resolve
from django.utils.safestring import SafeString
from structlog.contextvars import bound_contextvars
from upstreams.core import context
from upstreams.telemetry.logging import JSONFormatter, logging_config


@pytest.fixture
def lines():
    """Makes what a logger says into the lines that would be on stderr."""
    stream = io.StringIO()
    said = {}

    def handler(readable):
        config = logging_config("INFO", readable=readable)
        formatter = config["formatters"]["line"]
        handler = logging.StreamHandler(stream)
        handler.setFormatter(formatter.pop("()")(**formatter))
        said["logger"] = logging.getLogger("test.logs")
        said["logger"].handlers = [handler]
        said["logger"].setLevel(logging.INFO)
        return said["logger"], stream

    yield handler
    said["logger"].handlers = []


def test_a_record_is_one_line_of_json(lines):
    logger, stream = lines(readable=False)
    token = context.request_id.set("the-id")
    logger.warning("it is %s", "late\nforged", extra={"route": "/v1/x", "request": object()})
    context.request_id.reset(token)
    (line,) = stream.getvalue().splitlines()
    said = json.loads(line)
    assert said.pop("timestamp").endswith("Z")
    assert said == {
        "event": "it is late\nforged",
        "level": "warning",
        "logger": "test.logs",
        "request_id": "the-id",
        "route": "/v1/x",
    }


@pytest.mark.parametrize("value", ["ü\u2028", "\ud800", SafeString("<b>"), 2**70, True, None, 0.5], ids=ascii)
def test_a_line_is_ascii_whatever_is_in_it(lines, value):
    logger, stream = lines(readable=False)
    logger.warning("it is so", extra={"value": value})
    assert stream.getvalue().isascii()
    assert '"value":' in stream.getvalue()
    assert json.loads(stream.getvalue())["value"] == value


@pytest.mark.parametrize(
    ("created", "shown"),
    [
        (0.5, "1970-01-01T00:00:00.500000Z"),
        (0.75, "1970-01-01T00:00:00.750000Z"),
        (61, "1970-01-01T00:01:01.000000Z"),
    ],
)
def test_it_says_when_in_microseconds(created, shown):
    record = logging.makeLogRecord({"created": created})
    assert json.loads(JSONFormatter().format(record))["timestamp"] == shown


def test_structlog_goes_through_the_same_pipe(lines):
    _, stream = lines(readable=False)
    structlog.get_logger("test.logs").info("bought", price=3)
    assert json.loads(stream.getvalue())["price"] == 3


@pytest.mark.parametrize(
    ("arguments", "event"),
    [
        (("six %s", "x"), "six x"),
        (("%s of %d", "one", 2), "one of 2"),
        (("%(a)s", {"a": 1}), "1"),
        (("100%",), "100%"),
    ],
)
def test_structlog_takes_positional_arguments(lines, arguments, event):
    _, stream = lines(readable=False)
    structlog.get_logger("test.logs").info(*arguments, price=3)
    said = json.loads(stream.getvalue())
    assert (said["event"], said["price"]) == (event, 3)


def test_structlog_takes_names_that_logging_refuses(lines):
    _, stream = lines(readable=False)
    structlog.get_logger("test.logs").info("bought", name="ada", args=3, exc_info=None)
    said = json.loads(stream.getvalue())
    assert (said["name_"], said["args_"], "exception" in said) == ("ada", 3, False)


@pytest.mark.parametrize("readable", [False, True])
@pytest.mark.parametrize("get_logger", [structlog.get_logger, logging.getLogger])
def test_what_is_bound_to_the_context_is_in_every_line(lines, get_logger, readable):
    _, stream = lines(readable=readable)
    with bound_contextvars(order="seven", level="forged", request=object()):
        get_logger("test.logs").info("bought")
    get_logger("test.logs").info("later")
    first, second = stream.getvalue().splitlines()
    assert "seven" in first
    assert "forged" not in first
    assert "object" not in first
    assert "seven" not in second


def test_a_value_of_the_line_itself_replaces_a_bound_one(lines):
    logger, stream = lines(readable=False)
    with bound_contextvars(order=7):
        logger.info("bought", extra={"order": 8})
    assert json.loads(stream.getvalue())["order"] == 8


@pytest.mark.parametrize("readable", [True, False])
def test_a_traceback_shows_no_local_variables(lines, readable):
    logger, stream = lines(readable=readable)
    password = "canary"  # noqa: F841 - what a traceback might show
    try:
        raise LookupError("of the view")
    except LookupError:
        logger.exception("failed")
    assert "LookupError: of the view" in stream.getvalue()
    assert "canary" not in stream.getvalue()


def test_the_path_of_a_failed_request_stays_out(lines):
    logger, stream = lines(readable=False)
    request = RequestFactory().get("/quotes/by/canary?token=canary")
    request.resolver_match = resolve(request.path)
    logger.error("%s: %s", "Internal Server Error", request.path, extra={"request": request})
    assert json.loads(stream.getvalue())["event"] == "Internal Server Error: /quotes/by/<str:author>"
    assert "canary" not in stream.getvalue()


def test_the_address_of_a_page_with_a_forged_form_stays_out(lines):
    logger, stream = lines(readable=False)
    csrf = logger.getChild("csrf")
    reason = REASON_BAD_REFERER % "https://evil.test/reset/canary?token=canary"
    record = csrf.makeRecord("django.security.csrf", 30, "", 0, "Forbidden (%s): %s", (reason, "/"), None)
    csrf.handle(record)
    event = json.loads(stream.getvalue())["event"]
    assert event == f"Forbidden ({REASON_BAD_REFERER % 'https://evil.test'}): /"


def test_people_get_a_line_they_can_read(lines):
    logger, stream = lines(readable=True)
    logger.info("request", extra={"status": 200})
    assert "request" in stream.getvalue()
    assert "status" in stream.getvalue()
    assert "{" not in stream.getvalue()


@pytest.mark.parametrize(
    ("variables", "are_there"),
    [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)],
)
def test_colours_are_for_a_terminal_or_those_who_ask(lines, monkeypatch, variables, are_there):
    for name in ("FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    logger, stream = lines(readable=True)
    logger.info("request")
    assert ("\x1b[" in stream.getvalue()) is are_there


def test_a_line_of_runserver_has_one_timestamp(lines):
    logger, stream = lines(readable=True)
    logger.info('"GET / HTTP/1.1" 200 5', extra={"server_time": "27/Nov/2026 06:00:00", "status_code": 200})
    assert "06:00:00" not in stream.getvalue()
    assert "status_code" in stream.getvalue()
