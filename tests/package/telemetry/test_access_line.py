"""The line of a request that is written without a record: the same bytes, wherever it is written so at all."""

import asyncio
import io
import json
import logging
import time
from select import PIPE_BUF

import pytest
from structlog.contextvars import bound_contextvars
from upstreams.asgi import access_log, process_exit
from upstreams.asgi.access_line import write_line, write_lines
from upstreams.asgi.loop_watchdog import watch_loop
from upstreams.core import context
from upstreams.telemetry.logging import ConsoleFormatter, JSONFormatter

FIELDS = {
    "method": "GET",
    "route": "/quotes/<str:author>",
    "status": 200,
    "duration_ms": 1.2,
    "bytes": 57,
    "upstream_calls": 1,
    "upstream_ms": 0.0,
}
ODD = [
    {},
    {"path": "/a%22b", "limit": 'UPSTREAMS_TIMEOUTS["REQUEST"]'},
    {"aborted": True},
    {"duration_ms": 1e9},
]


@pytest.fixture
def logger():
    logger = logging.Logger("upstreams.asgi.access_log", logging.INFO)  # noqa: LOG001 - one that nothing else has
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(JSONFormatter())
    logger.addHandler(handler)
    return logger


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
        logging.StreamHandler, "handleError", lambda self, record: reported.append(record.msg)
    )
    logger.handlers[0].stream.close()
    assert write_line(logger, FIELDS)
    write_lines()
    assert reported == ["request"]


class Stream(io.StringIO):
    """Counts what reaches it, as system calls."""

    flushed = 0

    def flush(self):
        self.flushed += 1


@pytest.fixture
def stream(logger):
    logger.handlers[0].setStream(Stream())
    return logger.handlers[0].stream


async def test_the_lines_of_one_turn_of_the_loop_are_written_at_once(logger, stream):
    for number in range(3):
        assert write_line(logger, FIELDS | {"bytes": number})
    assert stream.getvalue() == ""
    await asyncio.sleep(0)
    assert [json.loads(line)["bytes"] for line in stream.getvalue().splitlines()] == [0, 1, 2]
    assert stream.flushed == 1
    write_line(logger, FIELDS)
    await asyncio.sleep(0)
    assert stream.flushed == 2


async def test_no_write_is_larger_than_what_a_pipe_takes_whole(logger, stream, monkeypatch):
    writes = []
    monkeypatch.setattr(stream, "write", writes.append)
    for number in range(100):
        write_line(logger, FIELDS | {"bytes": number})
    write_line(logger, FIELDS | {"route": "/" + "a" * PIPE_BUF})
    await asyncio.sleep(0)
    *texts, last = writes
    assert max(map(len, texts)) <= PIPE_BUF < len(last)
    assert len(writes) < 100 * len(texts[0].splitlines()[0]) / PIPE_BUF + 3
    lines = [json.loads(line) for text in writes for line in text.splitlines()]
    assert [line["bytes"] for line in lines] == [*range(100), FIELDS["bytes"]]


async def test_each_handler_gets_its_own_lines(logger, stream):
    other = logging.Logger("other", logging.INFO)  # noqa: LOG001 - one that nothing else has
    other.addHandler(logging.StreamHandler(io.StringIO()))
    other.handlers[0].setFormatter(JSONFormatter())
    for one in (logger, other, logger):
        write_line(one, FIELDS)
    await asyncio.sleep(0)
    assert (stream.getvalue().count("\n"), other.handlers[0].stream.getvalue().count("\n")) == (2, 1)


def test_a_line_outlives_its_loop(logger, stream):
    for _ in range(2):
        loop = asyncio.new_event_loop()
        loop.call_soon(write_line, logger, FIELDS)
        loop.call_soon(loop.stop)
        loop.run_forever()
        loop.close()
    assert stream.getvalue() == ""

    async def request():
        write_line(logger, FIELDS)

    asyncio.run(request())
    assert stream.getvalue().count("\n") == 3


async def test_a_line_is_written_before_what_blocks_the_loop_is_named(logger, stream, caplog):
    async with watch_loop(0.1, 0, lambda lag: None):
        await asyncio.sleep(0)
        write_line(logger, FIELDS)
        deadline = time.monotonic() + 30
        while "blocked by" not in caplog.text and time.monotonic() < deadline:
            time.sleep(0.01)  # noqa: ASYNC251 - it is what blocks
        assert stream.getvalue().count("\n") == 1


def test_a_line_is_written_before_the_process_ends(logger, stream, monkeypatch):
    async def request():
        write_line(logger, FIELDS)
        process_exit.exit_process()
        assert stream.getvalue().count("\n") == 1

    monkeypatch.setattr(process_exit.logging, "shutdown", lambda: None)
    monkeypatch.setattr(process_exit.os, "_exit", lambda code: None)
    asyncio.run(request())


async def test_a_request_writes_its_line(aclient, upstream_mock, logger, monkeypatch):
    monkeypatch.setattr(access_log, "logger", logger)
    monkeypatch.setattr(logger, "handle", lambda record: pytest.fail("a record was made"))
    upstream_mock("quotes").get("random").json({"text": "a", "author": "b"})
    response = await aclient.get("/quotes/random")
    write_lines()
    line = json.loads(logger.handlers[0].stream.getvalue())
    assert (line["route"], line["request_id"]) == ("/quotes/random", response.headers["X-Request-ID"])
