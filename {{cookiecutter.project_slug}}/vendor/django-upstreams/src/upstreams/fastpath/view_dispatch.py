"""Calls the view of a request as Django's handler does, but finds out once for each function whether it is async."""

import functools
from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.core.exceptions import SuspiciousOperation
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import Resolver404, ResolverMatch, get_resolver

from upstreams.fastpath import request_executor, resolver_cache, route_timeouts
from upstreams.fastpath.body import leave_form_unread
from upstreams.fastpath.replaced_stream import note_view_stream

BODY_ERRORS = (SuspiciousOperation, MultiPartParserError, OSError)
"""What reading a form raises. A hook reads it where the CSRF token is in the form; otherwise the view does."""


class ViewDispatch(BaseHandler):
    """The part of a handler that runs inside the middleware.

    Exceptions of views are converted on the event loop if all `process_exception` hooks have `is_sync_safe`:
    when upstreams fail, threads are scarcest.
    """

    # Private: BaseHandler._view_middleware, ._template_response_middleware, ._exception_middleware and
    # ._get_response_async (Django 6.1). The lists are only read, and the method is overridden with the same steps;
    # tests/package/fastpath/test_leaned_on.py compares it and load_middleware, which fills the lists.

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async)
        owners = [getattr(hook, "__self__", None) for hook in self._exception_middleware]  # type: ignore[attr-defined]
        self._is_sync_safe = all(getattr(owner, "is_sync_safe", False) for owner in owners)

    async def _get_response_async(self, request: HttpRequest) -> Any:
        match = self.resolve_request(request)
        view, args, kwargs = match.func, match.args, match.kwargs  # unpacking the match makes four calls
        response = None
        try:
            for hook in self._view_middleware:  # type: ignore[attr-defined]
                response = await hook(request, view, args, kwargs)
                if response:
                    break
        except BODY_ERRORS as error:
            response = await self._process_exception(error, request)
            if response is None:
                raise
        if response is None:
            atomic = self.make_view_atomic(view)
            call: Callable[..., Any] = (
                atomic if _is_async(atomic) else sync_to_async(_closing_connections(atomic))
            )
            try:
                response = await call(request, *args, **kwargs)
            except Exception as error:
                if call is not atomic:
                    _clear_frame_of_asgiref(error)
                response = await self._process_exception(error, request)
                if response is None:
                    raise
        if not isinstance(response, HttpResponse):
            self.check_response(response, view)
            note_view_stream(request, response)  # no HttpResponse is streamed
        is_deferred = callable(getattr(response, "render", None))
        return await self._render(response, request) if is_deferred else response

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        try:
            if hasattr(request, "urlconf"):
                match = super().resolve_request(request)
            else:
                cache = resolver_cache.cache_of(get_resolver())
                match = request.resolver_match = cache.resolve(request.path_info)
        except Resolver404:
            leave_form_unread(request)
            raise
        route_timeouts.apply(match)
        return match

    async def _render(self, response: Any, request: HttpRequest) -> Any:
        for hook in self._template_response_middleware:  # type: ignore[attr-defined]
            response = await hook(request, response)
            name = f"{type(getattr(hook, '__self__', hook)).__name__}.process_template_response"
            self.check_response(response, hook, name=name)
        is_async = iscoroutinefunction(response.render)
        render = response.render if is_async else sync_to_async(response.render)
        try:
            return await render()
        except Exception as error:
            converted = await self._process_exception(error, request)
            if converted is None:
                raise
            return converted

    async def _process_exception(self, error: Exception, request: HttpRequest) -> Any:
        if self._is_sync_safe:
            return self.process_exception_by_middleware(error, request)
        return await sync_to_async(self.process_exception_by_middleware)(error, request)


def _closing_connections(view: Callable[..., Any]) -> Callable[..., Any]:
    # The view closes the connections while it is in the thread, which then need not be woken up again for that.
    def closing(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = view(request, *args, **kwargs)
        executor = request_executor.current_executor.get()
        if executor is not None and _is_complete(response):
            executor.close_connections()
        return response

    closing.__wrapped__ = view  # type: ignore[attr-defined]  # for the name in the log
    return closing


def _clear_frame_of_asgiref(error: Exception) -> None:
    # SyncToAsync.__call__ keeps the future, whose exception refers to its frame: a cycle with all of the request.
    if error.__traceback__ is not None and error.__traceback__.tb_next is not None:
        error.__traceback__.tb_next.tb_frame.clear()


def _is_complete(response: Any) -> bool:
    # A stream and a template that is not rendered may still read from the database.
    return not getattr(response, "streaming", True) and getattr(response, "is_rendered", True)


@functools.lru_cache(maxsize=1024)
def _is_async(function: Callable[..., Any]) -> bool:
    return iscoroutinefunction(function)
