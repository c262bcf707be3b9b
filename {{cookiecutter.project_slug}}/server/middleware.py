"""Django's stock middleware without thread hops: their hooks compute, and only some of them ever do I/O.

Stock, each hook of an async request runs in a thread. Here, one does if it can wait for something.
"""

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.messages.storage.base import BaseStorage
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest, HttpResponse
from django.middleware import clickjacking, common, csrf, security
from django.utils.deprecation import MiddlewareMixin

FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}


class Inline(MiddlewareMixin):
    """Runs the hooks of an async request where it is, but for those that `waits_before` or `waits_after`."""

    def waits_before(self, request: HttpRequest) -> bool:
        """Whether `process_request` may do I/O."""
        return False

    def waits_after(self, request: HttpRequest) -> bool:
        """Whether `process_response` may do I/O."""
        return False

    async def __acall__(self, request: HttpRequest) -> Any:
        response, before, after = None, *self._hooks
        if before is not None:
            response = await sync_to_async(before)(request) if self.waits_before(request) else before(request)
        if response is None:
            response = await self.get_response(request)  # type: ignore[misc]
        if after is None:
            return response
        if self.waits_after(request):
            return await sync_to_async(after)(request, response)
        return after(request, response)

    @cached_property
    def _hooks(self) -> tuple[Callable[..., Any] | None, Callable[..., Any] | None]:
        return getattr(self, "process_request", None), getattr(self, "process_response", None)


class SecurityMiddleware(Inline, security.SecurityMiddleware):
    pass


class CommonMiddleware(Inline, common.CommonMiddleware):
    pass


class XFrameOptionsMiddleware(Inline, clickjacking.XFrameOptionsMiddleware):
    pass


class AuthenticationMiddleware(Inline, auth.AuthenticationMiddleware):
    pass


class SessionMiddleware(Inline, sessions.SessionMiddleware):
    def waits_after(self, request: HttpRequest) -> bool:
        """It is saved, and loaded for that."""
        session = getattr(request, "session", None)
        if session is None:
            return False
        return (session.modified or settings.SESSION_SAVE_EVERY_REQUEST) and not session.is_empty()


class MessageMiddleware(Inline, messages.MessageMiddleware):
    def waits_after(self, request: HttpRequest) -> bool:
        """They are stored, which may touch the session."""
        storage = getattr(request, "_messages", None)
        if storage is None:
            return False
        is_stock = type(storage).update is BaseStorage.update
        return not is_stock or storage.used or storage.added_new


class CsrfViewMiddleware(Inline, csrf.CsrfViewMiddleware):
    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        if self.async_mode:
            self.process_view = self._process_view_inline  # type: ignore[method-assign, assignment]

    def waits_before(self, request: HttpRequest) -> bool:
        """The secret is in the session."""
        return settings.CSRF_USE_SESSIONS

    def waits_after(self, request: HttpRequest) -> bool:
        """It is put there."""
        return settings.CSRF_USE_SESSIONS and bool(request.META.get("CSRF_COOKIE_NEEDS_UPDATE"))

    async def _process_view_inline(self, request: HttpRequest, view: Any, *more: Any) -> HttpResponse | None:
        check: Callable[..., Any] = super().process_view
        checked = request.method not in SAFE and not getattr(view, "csrf_exempt", False)
        if checked and (settings.CSRF_USE_SESSIONS or request.content_type in FORMS):
            rejected = await sync_to_async(check)(request, view, *more)
        else:
            rejected = check(request, view, *more)
        return None if rejected is None else await rejected()

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        reject = partial(super()._reject, request, reason)  # type: ignore[misc]
        # The view that says so is a project's own, which may do anything.
        return sync_to_async(reject) if self.async_mode else reject()
