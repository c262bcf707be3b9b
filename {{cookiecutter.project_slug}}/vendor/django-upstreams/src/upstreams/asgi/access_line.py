"""Writes the line of a request straight to its stream, where logging does nothing else with it.

A record on its way through `logging` costs more than the line itself. Where one plain stream handler gets it, and
nobody else has a say, the same line is written without one; everywhere else, the record goes its way.

The lines of one turn of the event loop are written together: under load a system call for each takes longer than the
rest of a line.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from select import PIPE_BUF
from typing import Any

_FILE = logging.getLogger.__code__.co_filename
_ACCESS_LOG = logging.getLogger("upstreams.asgi.access_log")
_lines: "deque[tuple[logging.StreamHandler[Any], str]]" = deque()
_writing_loop: asyncio.AbstractEventLoop | None = None
"""The event loop that will call `write_lines` in this turn or the next one."""


def write_line(logger: logging.Logger, fields: Mapping[str, object]) -> bool:
    """Write the line of a request as its record would be written, soon, and return whether that is possible.

    Args:
        logger: of the record, which has the level INFO.
        fields: of the request.
    """
    global _writing_loop
    handler = _only_handler(logger)
    if handler is None:
        return False
    # The formatter of telemetry/logging.py; others have no such method, or return nothing in subclasses.
    format_request = getattr(handler.formatter, "format_request", None)
    line = format_request and format_request(logger.name, time.time(), fields)
    if not line:
        return False
    _lines.append((handler, line + handler.terminator))
    loop = asyncio.get_running_loop()
    if loop is not _writing_loop:
        _writing_loop = loop
        loop.call_soon(write_lines)
    return True


def write_lines() -> None:
    """Write the lines that wait. May be called in any thread: a blocked event loop does not get to it."""
    global _writing_loop
    _writing_loop = None
    waiting = []
    with suppress(IndexError):  # not `while _lines`: another thread may write them, too
        while True:
            waiting.append(_lines.popleft())
    for handler, lines in groupby(waiting, itemgetter(0)):
        # As StreamHandler.emit does it; what is raised here, its `handleError` gets, with a record.
        with handler.lock:
            try:
                for text in _joined(line for _, line in lines):
                    handler.stream.write(text)
                    handler.flush()
            except Exception:  # noqa: BLE001 - logging reports it, as for every record
                handler.handleError(
                    _ACCESS_LOG.makeRecord(_ACCESS_LOG.name, logging.INFO, __file__, 0, "request", (), None)
                )


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """Join lines as far as a pipe takes them whole: beyond `PIPE_BUF`, workers that share it would mix theirs."""
    text = ""
    for line in lines:
        if text and len(text) + len(line) > PIPE_BUF:
            yield text
            text = ""
        text += line
    yield text


def _only_handler(logger: logging.Logger) -> "logging.StreamHandler[Any] | None":
    """Return the handler that alone gets the records of a logger, if it is a plain one."""
    # Sentry, for one, replaces such a method, to see each record.
    if logger.filters or not (_is_stock(logging.Logger.handle) and _is_stock(logging.Logger.callHandlers)):
        return None
    found = None
    one: logging.Logger | None = logger
    while one is not None:
        for handler in one.handlers:
            if found is not None or type(handler) is not logging.StreamHandler:
                return None
            found = handler
        one = one.parent if one.propagate else None
    return found if found is not None and not found.filters and found.level <= logging.INFO else None


def _is_stock(method: object) -> bool:
    code = getattr(method, "__code__", None)
    return code is not None and code.co_filename == _FILE
