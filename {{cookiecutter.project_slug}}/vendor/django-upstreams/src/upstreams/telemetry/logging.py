"""One format for the log records of the service, Django, the server and libraries: JSON lines, or readable lines."""

import functools
import logging
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from json import JSONEncoder
from typing import Any

import msgspec
import structlog
from django.utils.log import CallbackFilter
from structlog.contextvars import get_contextvars
from structlog.typing import EventDict

from upstreams.core import context
from upstreams.telemetry import trace_ids
from upstreams.telemetry.log_messages import message_of

RECORD_ATTRIBUTES = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "color_message",  # of uvicorn
    "server_time",  # of runserver: a second timestamp
}
"""Attributes that every record has, and what repeats them; all others were passed as `extra`."""
LOG_ARGUMENTS = {"exc_info", "stack_info"}
"""Attributes that are arguments of a logger's methods as well."""
# Private: structlog.contextvars._CONTEXT_VARS (structlog 26.1), the names that were ever bound. Only read, because
# get_contextvars() looks at every variable of the request: a quarter of the time of a line.
# tests/package/telemetry/test_logs.py fails when it does not have them.
BOUND = structlog.contextvars._CONTEXT_VARS
PLAIN_TYPES = (str, int, float, bool, type(None))


def logging_config(level: str, *, readable: bool) -> dict[str, Any]:
    """Return a value for `settings.LOGGING`. It holds for `structlog.get_logger()` as well.

    Args:
        level: the lowest that is written.
        readable: write lines for people instead of JSON.
    """
    formatter = {"()": ConsoleFormatter if readable else JSONFormatter}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "filters": {"errors": {"()": CallbackFilter, "callback": _is_error}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
            "refusals": {"()": RefusalsAsWarnings},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": "INFO"},
            # For a response that a view has returned, and for bad input, the line of the access log is enough.
            "django.request": {"filters": ["errors"]},
            "django.security": {"handlers": ["refusals"]},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "django.server": {"handlers": [], "propagate": True},
            # upstreams/tasks/attempts.py logs each attempt of a task.
            "django.tasks": {"level": "CRITICAL"},
            "django_tasks_db": {"level": "CRITICAL"},
            # At INFO it logs each step of a login.
            "axes": {"level": "WARNING"},
            # At INFO it logs every change, also of an SQLite file.
            "watchfiles": {"level": "WARNING"},
            # At INFO these log whole URLs, with their query.
            "httpx": {"level": "WARNING"},
            "httpx2": {"level": "WARNING"},
        },
    }


def _is_error(record: logging.LogRecord) -> bool:
    # Django logs what it refuses of a form as a warning, with a stack that ends in Django.
    return bool(record.exc_info) and record.levelno >= logging.ERROR


class RefusalsAsWarnings(logging.Handler):
    """Makes warnings of Django's errors about what a client has sent, before the handlers of the root get them.

    Otherwise every client could raise an alarm, as often as it likes.
    """

    def emit(self, record: logging.LogRecord) -> None:
        record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
        record.exc_info = None  # the stack ends in Django, where the input was read


class JSONFormatter(logging.Formatter):
    """Formats a record as a JSON object. Each request has one: structlog's own formatter takes three times as long."""

    def __init__(self) -> None:
        super().__init__()
        # Configured here, when Django sets up logging, because an import must not do it.
        structlog.configure(
            processors=[_name_differently, structlog.stdlib.render_to_log_args_and_kwargs],
            # With structlog's own factory, all loggers search the stack for their caller.
            logger_factory=logging.getLogger,
            wrapper_class=structlog.stdlib.BoundLogger,
            cache_logger_on_first_use=True,
        )

    _encode = staticmethod(msgspec.json.Encoder().encode)
    _encode_any = staticmethod(JSONEncoder(default=repr, separators=(",", ":")).encode)

    def format(self, record: logging.LogRecord) -> str:
        event = self._event(record)
        try:
            line = self._encode(event)
        except (TypeError, UnicodeEncodeError):  # a subclass of str, a lone surrogate
            return self._encode_any(event)
        # Everything beyond ASCII is escaped: the stream may have another encoding.
        return line.decode() if line.isascii() else self._encode_any(event)

    def format_request(self, logger: str, created: float, fields: Mapping[str, object]) -> str | None:
        """Return what `format` makes of the line of a request, at a third of the cost; None if it has more to say.

        Args:
            logger: its name.
            created: when, in seconds of `time.time()`.
            fields: plain values.
        """
        is_more = (BOUND and get_contextvars()) or context.task.get() is not None or trace_ids.ids()
        if is_more or type(self) is not JSONFormatter:  # a subclass may format differently
            return None
        line = self._encode({**_head("request", "info", logger, created), **fields})
        return line.decode() if line.isascii() else None

    def _event(self, record: logging.LogRecord) -> EventDict:
        event = _head(message_of(record), record.levelname.lower(), record.name, record.created)
        if (task := context.task.get()) is not None:
            event.update(task=task.path, task_id=task.id)
        event.update(trace_ids.ids())
        # Those of this line alone, which come next, replace them; what a line of ours has does not change.
        for name, value in get_contextvars().items() if BOUND else ():
            if isinstance(value, PLAIN_TYPES):
                event.setdefault(name, value)
        for name, value in vars(record).items():
            # Passed as `extra`. Plain values only, because the repr of a request shows its query.
            if name not in RECORD_ATTRIBUTES and isinstance(value, PLAIN_TYPES):
                event[name] = value
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return event


def _head(message: str, level: str, logger: str, created: float) -> EventDict:
    head: EventDict = {
        "event": message,
        "level": level,
        "logger": logger,
        "timestamp": f"{_second(int(created))}.{int(created % 1 * 1e6):06}Z",
    }
    if (request_id := context.request_id.get()) is not None:
        head["request_id"] = request_id
    return head


def _name_differently(_: object, __: str, event: EventDict) -> EventDict:
    """Add a `_` to names such as `name` and `args`, which logging refuses with a KeyError."""
    for name in RECORD_ATTRIBUTES.intersection(event) - LOG_ARGUMENTS:
        event[f"{name}_"] = event.pop(name)
    return event


@functools.lru_cache(maxsize=1)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


class ConsoleFormatter(JSONFormatter):
    """Formats a record as a line for people, with colours in a terminal."""

    def __init__(self) -> None:
        super().__init__()
        # structlog's usual tracebacks show local variables, which may be secrets.
        self._render = structlog.dev.ConsoleRenderer(
            colors=_uses_colours(), exception_formatter=structlog.dev.plain_traceback
        )

    def format(self, record: logging.LogRecord) -> str:
        return str(self._render(None, "", self._event(record)))


def _uses_colours() -> bool:
    """Follow https://no-color.org and https://force-color.org; otherwise use colours in a terminal alone."""
    if os.environ.get("NO_COLOR"):
        return False
    is_terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return is_terminal or bool(os.environ.get("FORCE_COLOR"))
