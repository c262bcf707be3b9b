"""The error that a group stands for: `asyncio.TaskGroup` wraps what its tasks raise in an `ExceptionGroup`."""

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.http.multipartparser import MultiPartParserError

from upstreams.asgi.os_errors import has_refusal
from upstreams.core.errors import UpstreamError

WITH_RESPONSE = (
    BadRequest,
    Http404,
    InterfaceError,
    MultiPartParserError,
    OperationalError,
    PermissionDenied,
    SuspiciousOperation,
    UpstreamError,
)
"""What has a response of its own, by `ProblemDetailsMiddleware` or by Django; with their subclasses."""


def first_of_group(error: Exception, *more: type[Exception]) -> Exception:
    """Return the first error of a group if each of its errors has a response of its own; otherwise the argument.

    Args:
        error: what a view has raised. A group in which one error is a bug stays a group: a 500, and a line in the log.
        more: other types that have a response.
    """
    if not isinstance(error, ExceptionGroup):
        return error
    kinds = (*WITH_RESPONSE, *more)
    if error.split(lambda one: isinstance(one, kinds) or has_refusal(one))[1] is not None:
        return error
    first: Exception = error
    while isinstance(first, ExceptionGroup):
        first = first.exceptions[0]
    return first


def drop_frames(error: BaseException) -> None:
    """Let an error that has its response go at once, and not when garbage is collected.

    Its frames hold what holds it: a future in asgiref's `AsyncToSync`, the tasks of a group, the handler of Django.
    """
    seen: list[BaseException | None] = [error]
    while seen:
        one = seen.pop()
        if one is not None and one.__traceback__ is not None:
            one.__traceback__ = None
            seen += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]
