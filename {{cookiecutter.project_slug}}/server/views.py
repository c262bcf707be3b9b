"""Calls the view of a request as Django's handler does, but finds out only once what kind of function each one is."""

import functools
from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch, get_resolver

from server import executors, routes


class Views(BaseHandler):
    """The part of a handler that lies within the middleware.

    What a view raises is mapped where it is if all `process_exception` hooks have `maps_inline`: upstreams
    fail most when there is least time for threads.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async)
        owners = [getattr(hook, "__self__", None) for hook in self._exception_middleware]  # type: ignore[attr-defined]
        self._maps_inline = all(getattr(owner, "maps_inline", False) for owner in owners)

    async def _get_response_async(self, request: HttpRequest) -> Any:
        match = self.resolve_request(request)
        view, args, kwargs = match.func, match.args, match.kwargs  # unpacked, it takes four calls
        response = None
        for hook in self._view_middleware:  # type: ignore[attr-defined]
            response = await hook(request, view, args, kwargs)
            if response:
                break
        if response is None:
            atomic = self.make_view_atomic(view)
            call: Callable[..., Any] = atomic if _is_async(atomic) else sync_to_async(_tidying(atomic))
            try:
                response = await call(request, *args, **kwargs)
            except Exception as error:
                response = await self._mapped(error, request)
                if response is None:
                    raise
        if not isinstance(response, HttpResponse):
            self.check_response(response, view)
        is_deferred = callable(getattr(response, "render", None))
        return await self._rendered(response, request) if is_deferred else response

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        if hasattr(request, "urlconf"):
            return super().resolve_request(request)
        match = request.resolver_match = routes.of(get_resolver()).resolve(request.path_info)
        return match

    async def _rendered(self, response: Any, request: HttpRequest) -> Any:
        for hook in self._template_response_middleware:  # type: ignore[attr-defined]
            response = await hook(request, response)
            name = f"{type(getattr(hook, '__self__', hook)).__name__}.process_template_response"
            self.check_response(response, hook, name=name)
        is_async = iscoroutinefunction(response.render)
        render = response.render if is_async else sync_to_async(response.render)
        try:
            return await render()
        except Exception as error:
            mapped = await self._mapped(error, request)
            if mapped is None:
                raise
            return mapped

    async def _mapped(self, error: Exception, request: HttpRequest) -> Any:
        if self._maps_inline:
            return self.process_exception_by_middleware(error, request)
        return await sync_to_async(self.process_exception_by_middleware)(error, request)


def _tidying(view: Callable[..., Any]) -> Callable[..., Any]:
    # While it is in its thread, which need not be woken up once more for that.
    def tidied(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = view(request, *args, **kwargs)
        executor = executors.lent.get()
        if executor is not None and _is_whole(response):
            executor.tidy()
        return response

    return tidied


def _is_whole(response: Any) -> bool:
    # Of others, a part may still be in the database.
    return not getattr(response, "streaming", True) and getattr(response, "is_rendered", True)


@functools.lru_cache(maxsize=1024)
def _is_async(function: Callable[..., Any]) -> bool:
    return iscoroutinefunction(function)
