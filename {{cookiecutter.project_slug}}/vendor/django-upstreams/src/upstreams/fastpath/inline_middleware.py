"""Middleware whose hooks run on the event loop, one after the other, in one coroutine.

Django's `MiddlewareMixin` runs each hook of an async request in a thread, and each middleware adds three calls around
the next one.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple, cast

from asgiref.sync import sync_to_async
from django.core.handlers.exception import convert_exception_to_response, response_for_exception
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin

from upstreams.fastpath.body import leave_form_unread

Hook = Callable[..., Any]


class ResponseHook(NamedTuple):
    """One middleware's `process_response`, and the questions to ask it about a request."""

    hook: Hook
    applies_to: Hook | None
    does_io: Hook | None
    is_outermost: bool


class RequestHook(NamedTuple):
    """One middleware's `process_request`, and the hooks that run next if it returns a response or raises."""

    hook: Hook
    does_io: Hook | None
    after_response: list[ResponseHook]
    after_error: list[ResponseHook]
    is_outermost: bool


class InlineMiddleware(MiddlewareMixin):
    """Runs its hooks on the event loop, and those of the `InlineMiddleware` classes that directly follow it.

    A subclass may define these methods. Each takes the request and returns a bool:

    * `request_does_io`: `process_request` may block, so run it in the thread.
    * `response_does_io`: `process_response` may block, so run it in the thread.
    * `applies_to`: `process_response` has something to do; else it is skipped.

    Attributes:
        process_view_is_sync_safe: `process_view` is async or never blocks; the system check upstreams.I002 asks for it.
    """

    process_view_is_sync_safe = False

    # Private: MiddlewareMixin.__acall__ (Django 6.1). Overridden with the same order of hooks and the same conversion
    # of errors; tests/package/fastpath/test_leaned_on.py compares the method.
    async def __acall__(self, request: HttpRequest) -> Any:
        request_hooks, get_response, response_hooks = self._hooks
        response = None
        for before in request_hooks:
            try:
                does_io = before.does_io is not None and before.does_io(request)
                response = await sync_to_async(before.hook)(request) if does_io else before.hook(request)
            except Exception as error:
                if before.is_outermost:
                    raise
                response, response_hooks = await _error_response(request, error), before.after_error
                break
            if response is not None:
                response_hooks = before.after_response
                break
        else:
            response = await get_response(request)
        for after in response_hooks:
            try:
                if after.applies_to is not None and not after.applies_to(request):
                    continue
                does_io = after.does_io is not None and after.does_io(request)
                hook = sync_to_async(after.hook) if does_io else after.hook
                response = await hook(request, response) if does_io else hook(request, response)
            except Exception as error:
                if after.is_outermost:
                    raise
                response = await _error_response(request, error)
        return response

    @cached_property
    def _hooks(self) -> tuple[list[RequestHook], Hook, list[ResponseHook]]:
        request_hooks: list[RequestHook] = []
        response_hooks: list[ResponseHook] = []
        middleware: InlineMiddleware | None = self
        while middleware is not None:
            outer, is_outermost = response_hooks, middleware is self
            if (hook := getattr(middleware, "process_response", None)) is not None:
                applies_to = getattr(middleware, "applies_to", None)
                does_io = getattr(middleware, "response_does_io", None)
                response_hooks = [ResponseHook(hook, applies_to, does_io, is_outermost), *response_hooks]
            if (hook := getattr(middleware, "process_request", None)) is not None:
                does_io = getattr(middleware, "request_does_io", None)
                request_hooks.append(RequestHook(hook, does_io, response_hooks, outer, is_outermost))
            get_response = middleware.get_response
            middleware = _next_inline(get_response)
        return request_hooks, get_response, response_hooks


async def _error_response(request: HttpRequest, error: Exception) -> Any:
    leave_form_unread(request)
    return await sync_to_async(response_for_exception, thread_sensitive=False)(request, error)


# Django puts this wrapper between two middleware classes; its code object recognises it. Neither is documented
# (Django 6.1). tests/package/fastpath/test_leaned_on.py compares convert_exception_to_response.
_WRAPPER_CODE = convert_exception_to_response(cast(Any, InlineMiddleware.__acall__)).__code__


def _next_inline(get_response: Any) -> InlineMiddleware | None:
    """Return the middleware that is called next, or None if it is of another kind."""
    if getattr(get_response, "__code__", None) is not _WRAPPER_CODE:
        return None
    found = get_response.__wrapped__
    # Undocumented: MiddlewareMixin.async_mode (Django 6.1). Only read; tests/package/fastpath/test_middleware.py has
    # sync and async chains.
    is_plain = (
        isinstance(found, InlineMiddleware)
        and found.async_mode
        and type(found).__call__ is MiddlewareMixin.__call__
        and type(found).__acall__ is InlineMiddleware.__acall__
    )
    return found if is_plain else None
