"""The line of a request that is written without a record: the same bytes, wherever it is written so at all."""

import asyncio
import json
import logging

import pytest
from structlog.contextvars import bound_contextvars
from upstreams.asgi import access_log
from upstreams.asgi.access_line import write_line, write_lines
from upstreams.core import context
from upstreams.telemetry.logging import ConsoleFormatter, JSONFormatter

from telemetry.request_lines import FIELDS, new_logger

ODD = [
    {},
    {"path": "/a%22b", "limit": 'UPSTREAMS_TIMEOUTS["REQUEST"]'},
    {"aborted": True},
    {"duration_ms": 1e9},
]


@pytest.fixture
def logger():
    return new_logger()


@pytest.fixture
def written(logger):
    """Writes a line; returns whether that was possible, and what was written at the end of this turn of the loop."""

    async def write(fields=FIELDS):
        stream = logger.handlers[0].stream
        was_possible = write_line(logger, fields)
        await asyncio.sleep(0)
        return was_possible, stream.getvalue()

    return write


@pytest.mark.parametrize("odd", ODD, ids=[str(number) for number in range(len(ODD))])
@pytest.mark.parametrize("request_id", [None, "the-id"])
async def test_a_line_is_that_of_its_record(logger, written, odd, request_id, monkeypatch):
    record = access_log._record(FIELDS | odd)
    monkeypatch.setattr("upstreams.asgi.access_line.time.time", lambda: record.created)
    token = context.request_id.set(request_id)
    was_possible, line = await written(FIELDS | odd)
    assert (was_possible, line) == (True, logger.handlers[0].format(record) + "\n")
    context.request_id.reset(token)


async def test_beyond_ascii_the_record_goes_its_way(written):
    assert await written(FIELDS | {"route": "/ü"}) == (False, "")


async def test_what_others_add_to_the_line_is_left_to_the_record(written):
    with bound_contextvars(tenant="a"):
        assert await written() == (False, "")
    token = context.task.set(context.Task("1", "path"))
    assert await written() == (False, "")
    context.task.reset(token)


@pytest.mark.parametrize(
    "formatter", [ConsoleFormatter, logging.Formatter, type("Own", (JSONFormatter,), {})]
)
async def test_another_formatter_formats_the_record(logger, written, formatter):
    logger.handlers[0].setFormatter(formatter())
    assert await written() == (False, "")


async def test_another_handler_gets_the_record(logger, written):
    parent = logging.Logger("upstreams")  # noqa: LOG001 - one that nothing else has
    parent.addHandler(logging.NullHandler())
    logger.parent = parent
    assert await written() == (False, "")
    logger.propagate = False
    assert (await written())[0]


@pytest.mark.parametrize(
    "change",
    [
        lambda logger: logger.addFilter(lambda record: True),
        lambda logger: logger.handlers[0].addFilter(lambda record: True),
        lambda logger: logger.handlers[0].setLevel(logging.WARNING),
        lambda logger: logger.handlers.clear(),
    ],
    ids=["filter of the logger", "filter of the handler", "level", "no handler"],
)
def test_whoever_has_a_say_gets_the_record(logger, written, change):
    stream = logger.handlers[0].stream
    change(logger)
    assert not write_line(logger, FIELDS)
    assert not stream.getvalue()


@pytest.mark.parametrize("name", ["handle", "callHandlers"])
async def test_what_watches_all_records_gets_it(written, monkeypatch, name):
    monkeypatch.setattr(logging.Logger, name, lambda self, record: None)
    assert await written() == (False, "")


async def test_a_stream_that_fails_is_reported_as_for_a_record(logger, monkeypatch):
    reported = []
    monkeypatch.setattr(
        logging.StreamHandler, "handleError", lambda self, record: reported.append(record.name)
    )
    logger.handlers[0].stream.close()
    assert write_line(logger, FIELDS)
    write_lines()
    assert reported == [logger.name]


async def test_a_request_writes_its_line(aclient, upstream_mock, logger, monkeypatch):
    monkeypatch.setattr(access_log, "logger", logger)
    monkeypatch.setattr(logger, "handle", lambda record: pytest.fail("a record was made"))
    upstream_mock("quotes").get("random").json({"text": "a", "author": "b"})
    response = await aclient.get("/quotes/random")
    write_lines()
    line = json.loads(logger.handlers[0].stream.getvalue())
    assert (line["route"], line["request_id"]) == ("/quotes/random", response.headers["X-Request-ID"])
