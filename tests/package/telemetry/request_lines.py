"""A logger whose lines of requests are written without a record, and the fields of one."""

import io
import logging

from upstreams.telemetry.logging import JSONFormatter

FIELDS = {
    "method": "GET",
    "route": "/quotes/<str:author>",
    "status": 200,
    "duration_ms": 1.2,
    "bytes": 57,
    "upstream_calls": 1,
    "upstream_ms": 0.0,
}


def new_logger(name="upstreams.asgi.access_log"):
    logger = logging.Logger(name, logging.INFO)  # noqa: LOG001 - one that nothing else has
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(JSONFormatter())
    logger.addHandler(handler)
    return logger
