"""Ends a stream that is passed on when its upstream fails in the middle, with one line in the log."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from upstreams.core.errors import UpstreamError

logger = logging.getLogger(__name__)

SERVER_LOGGERS = ("uvicorn.error", "hypercorn.error", "gunicorn.error")
"""Where servers log what an application raises."""


class ResponseCut(Exception):
    """Makes the server end the connection: the only way to tell a client that a stream is not complete."""


@contextmanager
def cut_on_failure() -> Iterator[None]:
    """Log the failure of an upstream while the block sends what it has sent.

    Raises:
        ResponseCut: in place of an `UpstreamError`.
    """
    try:
        yield
    except UpstreamError as error:
        logger.warning("%s: %s; the response is cut", type(error).__name__, error)
        raise ResponseCut from None


def log_no_cuts() -> None:
    """Keep servers from logging a traceback for a stream that was cut, which has its own line."""
    for name in SERVER_LOGGERS:
        logging.getLogger(name).addFilter(_is_no_cut)


def _is_no_cut(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], ResponseCut))
