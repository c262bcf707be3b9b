"""One pipe for all log records, ours, Django's, the server's and libraries': JSON lines, or a readable form."""

import functools
import logging
from datetime import UTC, datetime
from json import JSONEncoder
from typing import Any

import msgspec
import structlog
from django.http import HttpRequest
from django.utils.log import CallbackFilter
from structlog.typing import EventDict

from server import traces
from services.core import context

OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}
PLAIN = (str, int, float, bool, type(None))


def config(level: str, *, readable: bool) -> dict[str, Any]:
    """`settings.LOGGING`. `structlog.get_logger()` goes through the same pipe.

    Args:
        level: of the records that are written.
        readable: lines for people instead of JSON.
    """
    structlog.configure(
        processors=[structlog.stdlib.render_to_log_kwargs],
        # structlog's own has all loggers search the stack for who called.
        logger_factory=logging.getLogger,
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    # What no line shows need not be found out for each (Python's Logging HOWTO, Optimization).
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.logAsyncioTasks = False  # type: ignore[attr-defined] # unknown to typeshed
    formatter = {"()": ForPeople if readable else Json}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "filters": {"errors": {"()": CallbackFilter, "callback": lambda record: bool(record.exc_info)}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": "INFO"},
            # Of an answer that a view has given, the access line says enough.
            "django.request": {"filters": ["errors"]},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "django.server": {"handlers": [], "propagate": True},
            # Of an attempt of a task, worker/attempts.py says what became of it.
            "django.tasks": {"level": "CRITICAL"},
            "django_tasks_db": {"level": "CRITICAL"},
            # At INFO it counts every change, those of the database's file included.
            "watchfiles": {"level": "WARNING"},
            # At INFO these write whole URLs, query included.
            "httpx": {"level": "WARNING"},
            "httpx2": {"level": "WARNING"},
        },
    }


class Json(logging.Formatter):
    """Makes a record into an object of JSON. Each request makes one: structlog's own takes three times as long."""

    _encode = staticmethod(msgspec.json.Encoder().encode)
    _encode_any = staticmethod(JSONEncoder(default=repr, separators=(",", ":")).encode)

    def format(self, record: logging.LogRecord) -> str:
        event = self._event(record)
        try:
            line = self._encode(event)
        except (TypeError, UnicodeEncodeError):  # a subclass of str, half a character
            return self._encode_any(event)
        # Beyond ASCII all is escaped: the stream may have another encoding.
        return line.decode() if line.isascii() else self._encode_any(event)

    def _event(self, record: logging.LogRecord) -> EventDict:
        event: EventDict = {
            "event": _message(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "timestamp": f"{_second(int(record.created))}.{int(record.created % 1 * 1e6):06}Z",
        }
        if (request_id := context.request_id.get()) is not None:
            event["request_id"] = request_id
        if (task := context.task.get()) is not None:
            event.update(task=task.path, task_id=task.id)
        event.update(traces.ids())
        for name, value in vars(record).items():
            # Given as `extra`. Plain values only, for a request's repr shows its query.
            if name not in OWN and isinstance(value, PLAIN):
                event[name] = value
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return event


@functools.lru_cache(maxsize=1)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


class ForPeople(Json):
    """Makes a record into a line that can be read, with colours in a terminal."""

    # structlog's usual tracebacks show local variables, which may be secrets.
    _render = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)

    def format(self, record: logging.LogRecord) -> str:
        return str(self._render(None, "", self._event(record)))


def _message(record: logging.LogRecord) -> str:
    message = record.getMessage()
    request = getattr(record, "request", None)
    if isinstance(request, HttpRequest):
        # Django names the path, which may be a secret link.
        route = f"/{request.resolver_match.route}" if request.resolver_match else "(no route)"
        message = message.replace(request.path, route)
    return message
