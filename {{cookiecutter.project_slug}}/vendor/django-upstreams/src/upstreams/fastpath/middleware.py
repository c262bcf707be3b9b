"""Django's own middleware without thread switches: most hooks only compute, and the others do I/O for few requests."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from asgiref.sync import sync_to_async
from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.messages.storage.base import BaseStorage
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest, HttpResponse
from django.middleware import clickjacking, common, csp, csrf, http, locale, security

from upstreams.fastpath.inline_middleware import InlineMiddleware
from upstreams.fastpath.request import has_attribute, set_lazy_attribute
from upstreams.fastpath.setting import setting

FORM_TYPES = {"application/x-www-form-urlencoded", "multipart/form-data"}
SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}
LARGE_FORM = 64 * 1024
"""Bytes from which a form waits for its turn to be parsed."""
MAX_PARSED = 2
"""Large forms that are parsed at once: each thread that parses one takes the interpreter from the event loop, 5 ms at
a time."""
_turns: "WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]" = WeakKeyDictionary()


class SecurityMiddleware(InlineMiddleware, security.SecurityMiddleware):
    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        self._headers: dict[bool, dict[str, tuple[str, str]]] = {}

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Add the headers that the stock middleware adds to a bare response; they are the same for each request."""
        # Private: CaseInsensitiveMapping._store (Django 6.1), lower-case name -> (name, value). Setting a header
        # would encode it again. tests/package/fastpath/test_headers.py compares the headers with stock Django's.
        is_secure = request.is_secure()
        if is_secure not in self._headers:
            bare = HttpResponse()
            del bare["Content-Type"]
            self._headers[is_secure] = super().process_response(request, bare).headers._store
        for name, header in self._headers[is_secure].items():
            response.headers._store.setdefault(name, header)
        return response


class CommonMiddleware(InlineMiddleware, common.CommonMiddleware):
    def process_request(self, request: HttpRequest) -> Any:
        """Check the host; what else the stock hook does is up to two settings."""
        if setting("DISALLOWED_USER_AGENTS") or setting("PREPEND_WWW"):
            return super().process_request(request)
        request.get_host()
        return None

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        """Add the length, unless there is one; the stock hook may redirect a 404."""
        if response.status_code == 404 or response.streaming:
            return super().process_response(request, response)
        # Private: CaseInsensitiveMapping._store, as above.
        if "content-length" not in response.headers._store:
            response.headers._store["content-length"] = "Content-Length", str(len(response.content))
        return response


class ConditionalGetMiddleware(InlineMiddleware, http.ConditionalGetMiddleware):
    pass


class LocaleMiddleware(InlineMiddleware, locale.LocaleMiddleware):
    """Reads the catalog of a language on the event loop, once in a process, which takes some 20 ms."""


class XFrameOptionsMiddleware(InlineMiddleware, clickjacking.XFrameOptionsMiddleware):
    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Add the header, unless there is one."""
        value = self.get_xframe_options_value(request, response)
        # Private: CaseInsensitiveMapping._store, as above.
        if value not in ("DENY", "SAMEORIGIN") or "x-frame-options" in response.headers._store:
            return super().process_response(request, response)
        if not getattr(response, "xframe_options_exempt", False):
            response.headers._store["x-frame-options"] = "X-Frame-Options", value
        return response


class ContentSecurityPolicyMiddleware(InlineMiddleware, csp.ContentSecurityPolicyMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        """Make the nonce when a template reads it."""
        # Private: HttpRequest._csp_nonce (Django 6.1), which the stock hook sets.
        # tests/package/fastpath/test_policy.py reads it through Django's context processor.
        set_lazy_attribute(request, super().process_request, "_csp_nonce")

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Add a policy only to what a browser may run: HTML, and XML such as SVG."""
        # Private: CaseInsensitiveMapping._store (Django 6.1). Only read; response.get() makes three calls.
        # tests/package/fastpath/test_policy.py has responses with and without the header.
        _, kind = response.headers._store.get("content-type", ("", ""))
        kind = kind.lower()
        return super().process_response(request, response) if "html" in kind or "xml" in kind else response


class AuthenticationMiddleware(InlineMiddleware, auth.AuthenticationMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        """Make the user when it is read; report a missing session middleware at once."""
        hook = super().process_request
        if has_attribute(request, "session"):
            set_lazy_attribute(request, hook, "user", "auser")
        else:
            hook(request)


class SessionMiddleware(InlineMiddleware, sessions.SessionMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        """Make the session when it is read."""
        set_lazy_attribute(request, super().process_request, "session")

    def applies_to(self, request: HttpRequest) -> bool:
        """Return whether the session was read, or the client sent its cookie, which may be invalid."""
        if "session" in vars(request) or setting("SESSION_SAVE_EVERY_REQUEST"):
            return True
        return bool(request.COOKIES) and setting("SESSION_COOKIE_NAME") in request.COOKIES

    def response_does_io(self, request: HttpRequest) -> bool:
        """Return whether the session is saved, and loaded for that."""
        session = getattr(request, "session", None)
        if session is None:
            return False
        return (session.modified or setting("SESSION_SAVE_EVERY_REQUEST")) and not session.is_empty()


class MessageMiddleware(InlineMiddleware, messages.MessageMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        """Make the storage of messages when it is read."""
        # Private: HttpRequest._messages (Django 6.1), which the stock hook sets.
        # tests/package/fastpath/test_request.py reads it through django.contrib.messages.
        set_lazy_attribute(request, super().process_request, "_messages")

    def applies_to(self, request: HttpRequest) -> bool:
        """Return whether the storage was read."""
        return "_messages" in vars(request)

    def response_does_io(self, request: HttpRequest) -> bool:
        """Return whether messages are stored, which may touch the session."""
        storage = vars(request)["_messages"]
        # Undocumented: BaseStorage.update, .used and .added_new (Django 6.1): whether update() writes. Only read;
        # tests/package/fastpath/test_middleware.py stores messages in the session.
        is_stock = type(storage).update is BaseStorage.update
        return not is_stock or storage.used or storage.added_new


class CsrfViewMiddleware(InlineMiddleware, csrf.CsrfViewMiddleware):
    process_view_is_sync_safe = True

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        # Undocumented: MiddlewareMixin.async_mode (Django 6.1), also below. Only read;
        # tests/package/fastpath/test_middleware.py has sync and async chains.
        if self.async_mode:
            self._check: Callable[..., Any] = self.process_view  # a subclass may have overridden it
            self.process_view = self._process_view_inline  # type: ignore[method-assign, assignment]

    def request_does_io(self, request: HttpRequest) -> bool:
        """Return whether the secret is in the session."""
        return bool(setting("CSRF_USE_SESSIONS"))

    def applies_to(self, request: HttpRequest) -> bool:
        """Return whether META was read: only there, a secret may be marked as new."""
        return bool(getattr(request, "has_meta", True))

    def response_does_io(self, request: HttpRequest) -> bool:
        """Return whether a new secret is put into the session."""
        # Undocumented: META["CSRF_COOKIE_NEEDS_UPDATE"] (Django 6.1), which get_token() sets. Only read;
        # tests/package/fastpath/test_middleware.py has a view that calls it.
        return bool(request.META.get("CSRF_COOKIE_NEEDS_UPDATE")) and setting("CSRF_USE_SESSIONS")

    async def _process_view_inline(self, request: HttpRequest, view: Any, *more: Any) -> HttpResponse | None:
        is_checked = request.method not in SAFE_METHODS and not getattr(view, "csrf_exempt", False)
        if is_checked and (setting("CSRF_USE_SESSIONS") or request.content_type in FORM_TYPES):
            async with _turn(request):
                rejected = await sync_to_async(self._check)(request, view, *more)
        else:
            rejected = self._check(request, view, *more)
        response: HttpResponse | None = await rejected() if callable(rejected) else rejected
        return response

    # Private: CsrfViewMiddleware._reject (Django 6.1), whose result process_view returns. It calls
    # CSRF_FAILURE_VIEW, which may do anything. tests/package/fastpath/test_middleware.py has forged requests.
    def _reject(self, request: HttpRequest, reason: str) -> Any:
        reject = partial(super()._reject, request, reason)  # type: ignore[misc]
        return sync_to_async(reject) if self.async_mode else reject()


def _turn(request: HttpRequest) -> AbstractAsyncContextManager[None]:
    size = int(request.META.get("CONTENT_LENGTH") or LARGE_FORM)  # a chunked body has no length
    if size < LARGE_FORM or request.content_type not in FORM_TYPES:
        return nullcontext()
    return _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(MAX_PARSED))
