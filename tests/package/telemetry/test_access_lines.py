"""The lines of requests that end in one turn of the event loop are written together, and none is lost."""

import asyncio
import io
import json
import time
from select import PIPE_BUF

import pytest
from upstreams.asgi import process_exit
from upstreams.asgi.access_line import write_line
from upstreams.asgi.loop_watchdog import watch_loop

from telemetry.request_lines import FIELDS, new_logger


class Stream(io.StringIO):
    """Counts what reaches it, as system calls."""

    flushed = 0

    def flush(self):
        self.flushed += 1


@pytest.fixture
def logger():
    return new_logger()


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
    other = new_logger("other")
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
