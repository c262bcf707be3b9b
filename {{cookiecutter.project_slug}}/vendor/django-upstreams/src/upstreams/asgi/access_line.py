"""Writes the line of a request straight to its stream, where logging does nothing else with it.

A record on its way through `logging` costs more than the line itself. Where one plain stream handler gets it, and
nobody else has a say, the same line is written at once; everywhere else, the record goes its way.
"""

import logging
import time
from collections.abc import Mapping
from typing import Any

_FILE = logging.getLogger.__code__.co_filename


def write_line(logger: logging.Logger, fields: Mapping[str, object]) -> bool:
    """Write the line of a request as its record would be written, and return whether that was possible.

    Args:
        logger: of the record, which has the level INFO.
        fields: of the request.
    """
    handler = _only_handler(logger)
    if handler is None:
        return False
    # The formatter of telemetry/logging.py; others have no such method, or return nothing in subclasses.
    format_request = getattr(handler.formatter, "format_request", None)
    line = format_request and format_request(logger.name, time.time(), fields)
    if not line:
        return False
    # As StreamHandler.emit does it; what is raised here, its `handleError` gets from the record.
    with handler.lock:  # type: ignore[union-attr]  # None only in typeshed
        try:
            handler.stream.write(line + handler.terminator)
            handler.flush()
        except Exception:  # noqa: BLE001 - logging reports it, as for every record
            handler.handleError(
                logger.makeRecord(logger.name, logging.INFO, __file__, 0, "request", (), None)
            )
    return True


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
