"""Django's stock middleware without thread hops: their hooks compute, and only some of them ever do I/O."""

from collections.abc import Callable
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.messages.storage.base import BaseStorage
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest, HttpResponse
from django.middleware import clickjacking, common, csp, csrf, security

from server.inline import Inline
from server.request import has, promise

FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}


class SecurityMiddleware(Inline, security.SecurityMiddleware):
    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        self._said: dict[bool, dict[str, tuple[str, str]]] = {}

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """What the stock one says of an answer without headers: it writes and encodes the same for each."""
        is_secure = request.is_secure()
        if is_secure not in self._said:
            bare = HttpResponse()
            del bare["Content-Type"]
            self._said[is_secure] = super().process_response(request, bare).headers._store
        for name, header in self._said[is_secure].items():
            response.headers._store.setdefault(name, header)
        return response


class CommonMiddleware(Inline, common.CommonMiddleware):
    pass


class XFrameOptionsMiddleware(Inline, clickjacking.XFrameOptionsMiddleware):
    pass


class ContentSecurityPolicyMiddleware(Inline, csp.ContentSecurityPolicyMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        """The nonce is made when a template asks for it."""
        promise(request, super().process_request, "_csp_nonce")

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Only what a browser may run has a policy: HTML, and XML such as SVG."""
        # Their mapping takes three calls to say so.
        _, kind = response.headers._store.get("content-type", ("", ""))
        kind = kind.lower()
        return super().process_response(request, response) if "html" in kind or "xml" in kind else response


class AuthenticationMiddleware(Inline, auth.AuthenticationMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        """The user is made when it is asked for; that there is no session is said at once."""
        hook = super().process_request
        if has(request, "session"):
            promise(request, hook, "user", "auser")
        else:
            hook(request)


class SessionMiddleware(Inline, sessions.SessionMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        """The session is made when it is asked for."""
        promise(request, super().process_request, "session")

    def concerns(self, request: HttpRequest) -> bool:
        """It was asked for, or the client has its cookie, which may be a wrong one."""
        if "session" in vars(request) or settings.SESSION_SAVE_EVERY_REQUEST:
            return True
        return bool(request.COOKIES) and settings.SESSION_COOKIE_NAME in request.COOKIES

    def waits_after(self, request: HttpRequest) -> bool:
        """It is saved, and loaded for that."""
        session = getattr(request, "session", None)
        if session is None:
            return False
        return (session.modified or settings.SESSION_SAVE_EVERY_REQUEST) and not session.is_empty()


class MessageMiddleware(Inline, messages.MessageMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        """Their storage is made when it is asked for."""
        promise(request, super().process_request, "_messages")

    def concerns(self, request: HttpRequest) -> bool:
        """There may be some."""
        return "_messages" in vars(request)

    def waits_after(self, request: HttpRequest) -> bool:
        """They are stored, which may touch the session."""
        storage = vars(request)["_messages"]
        is_stock = type(storage).update is BaseStorage.update
        return not is_stock or storage.used or storage.added_new


class CsrfViewMiddleware(Inline, csrf.CsrfViewMiddleware):
    checks_inline = True

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        if self.async_mode:
            self._check: Callable[..., Any] = self.process_view  # perhaps a subclass's
            self.process_view = self._process_view_inline  # type: ignore[method-assign, assignment]

    def waits_before(self, request: HttpRequest) -> bool:
        """The secret is in the session."""
        return settings.CSRF_USE_SESSIONS

    def waits_after(self, request: HttpRequest) -> bool:
        """It is put there."""
        return bool(request.META.get("CSRF_COOKIE_NEEDS_UPDATE")) and settings.CSRF_USE_SESSIONS

    async def _process_view_inline(self, request: HttpRequest, view: Any, *more: Any) -> HttpResponse | None:
        checked = request.method not in SAFE and not getattr(view, "csrf_exempt", False)
        if checked and (settings.CSRF_USE_SESSIONS or request.content_type in FORMS):
            rejected = await sync_to_async(self._check)(request, view, *more)
        else:
            rejected = self._check(request, view, *more)
        response: HttpResponse | None = await rejected() if callable(rejected) else rejected
        return response

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        reject = partial(super()._reject, request, reason)  # type: ignore[misc]
        # The view that says so is a project's own, which may do anything.
        return sync_to_async(reject) if self.async_mode else reject()
