"""Middleware whose hooks run where the request is, one after the other in one coroutine.

Stock, each hook of an async request runs in a thread, and each middleware adds three calls around the next.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple, cast

from asgiref.sync import sync_to_async
from django.core.handlers.exception import convert_exception_to_response, response_for_exception
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin

Hook = Callable[..., Any]


class After(NamedTuple):
    """One middleware's `process_response`, and what it says of itself."""

    hook: Hook
    concerns: Hook | None
    waits: Hook | None
    is_outermost: bool


class Before(NamedTuple):
    """One middleware's `process_request`, and what follows if it answers, or fails."""

    hook: Hook
    waits: Hook | None
    answered: list[After]
    failed: list[After]
    is_outermost: bool


class Inline(MiddlewareMixin):
    """Runs the hooks of an async request where it is, and those of the `Inline` middleware that follow.

    A class whose `process_request` may do I/O says so for a request in `waits_before`, one whose
    `process_response` may, in `waits_after`, and in `concerns` whether it has anything to do at all.

    Attributes:
        checks_inline: whether its `process_view` never takes the thread without need, either.
    """

    checks_inline = False

    async def __acall__(self, request: HttpRequest) -> Any:
        befores, inner, afters = self._hooks
        response = None
        for before in befores:
            try:
                waits = before.waits is not None and before.waits(request)
                response = await sync_to_async(before.hook)(request) if waits else before.hook(request)
            except Exception as error:
                if before.is_outermost:
                    raise
                response, afters = await _converted(request, error), before.failed
                break
            if response is not None:
                afters = before.answered
                break
        else:
            response = await inner(request)
        for after in afters:
            try:
                if after.concerns is not None and not after.concerns(request):
                    continue
                waits = after.waits is not None and after.waits(request)
                hook = sync_to_async(after.hook) if waits else after.hook
                response = await hook(request, response) if waits else hook(request, response)
            except Exception as error:
                if after.is_outermost:
                    raise
                response = await _converted(request, error)
        return response

    @cached_property
    def _hooks(self) -> tuple[list[Before], Callable[..., Any], list[After]]:
        befores: list[Before] = []
        afters: list[After] = []
        middleware: Inline | None = self
        while middleware is not None:
            outer = afters
            if (hook := getattr(middleware, "process_response", None)) is not None:
                concerns, waits = (
                    getattr(middleware, "concerns", None),
                    getattr(middleware, "waits_after", None),
                )
                afters = [After(hook, concerns, waits, middleware is self), *afters]
            if (hook := getattr(middleware, "process_request", None)) is not None:
                waits = getattr(middleware, "waits_before", None)
                befores.append(Before(hook, waits, afters, outer, middleware is self))
            inner = middleware.get_response
            middleware = _inline(inner)
        return befores, inner, afters


async def _converted(request: HttpRequest, error: Exception) -> Any:
    return await sync_to_async(response_for_exception, thread_sensitive=False)(request, error)


_CONVERTING = convert_exception_to_response(cast(Any, Inline.__acall__)).__code__
"""Of what Django puts between two middlewares, so that the outer one gets a response, never an error."""


def _inline(get_response: Any) -> Inline | None:
    """The middleware that is called next, if there is nothing else between."""
    if getattr(get_response, "__code__", None) is not _CONVERTING:
        return None
    found = get_response.__wrapped__
    is_plain = (
        isinstance(found, Inline)
        and found.async_mode
        and type(found).__call__ is MiddlewareMixin.__call__
        and type(found).__acall__ is Inline.__acall__
    )
    return found if is_plain else None
