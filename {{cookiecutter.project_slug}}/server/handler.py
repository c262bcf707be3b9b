"""Django's ASGI handler without thread hops of its own.

It leans on private names of Django's; tests/path/test_handler.py fails when one of them changes. Without
`settings.FAST_PATH` the stock handler serves instead.
"""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Mapping
from io import BytesIO
from typing import IO, Any

import django
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core import signals
from django.core.cache import BaseCache, close_caches
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import get_resolver, set_script_prefix, set_urlconf
from django.utils.log import log_response
from django.utils.module_loading import import_string

from server import executors
from server.disconnect import Cancelled
from server.receivers import Receivers
from server.request import Request
from server.types import App
from server.views import Views

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


def get_asgi_application() -> App:
    """Django's ASGI application: this handler, or the stock one without `settings.FAST_PATH`."""
    django.setup(set_prefix=False)
    _ = get_resolver().url_patterns  # imports all views now: in the first request, all others would wait
    return Handler() if settings.FAST_PATH else ASGIHandler()


class Handler(Views, ASGIHandler):
    """Answers as the stock handler does, and `request_finished` follows each `request_started`."""

    request_class = Request

    _started = Receivers(signals.request_started)
    _finished = Receivers(signals.request_finished)
    _caches_close = True  # unless the middleware is loaded, which Django's handler of static files never does

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if executors.lent.get() is None or scope["type"] != "http":
            await super().__call__(scope, receive, send)
        else:
            await self.handle(scope, receive, send)  # its context for the thread is there already

    async def handle(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with body:
            set_script_prefix(get_script_prefix(scope))
            request = response = None
            try:
                await self._start(scope)
                request, response = self.create_request(scope, body)
                if request is None:
                    await self.send_response(response, send)
                    return
                with Cancelled(self.listen_for_disconnect, receive):
                    response = await self.run_get_response(request)
                    await self.send_response(response, send)
            finally:
                await self._finish(request, response)

    async def get_response_async(self, request: HttpRequest) -> Any:
        set_urlconf(settings.ROOT_URLCONF)
        response: Any = await self._middleware_chain(request)  # type: ignore[attr-defined]
        response._resource_closers.append(request.close)
        if response.status_code >= 400:
            log_response("%s: %s", response.reason_phrase, request.path, response=response, request=request)
        return response

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async)
        backends = [import_string(cache["BACKEND"]) for cache in settings.CACHES.values()]
        self._caches_close = any(backend.close is not BaseCache.close for backend in backends)

    async def read_body(self, receive: Receive) -> IO[bytes]:
        message = await receive()
        content = message.get("body", b"")
        if (
            message["type"] == "http.request"
            and not message.get("more_body", False)
            and len(content) <= settings.FILE_UPLOAD_MAX_MEMORY_SIZE
        ):
            return BytesIO(content)
        messages = [message]

        async def again() -> Message:
            return messages.pop() if messages else await receive()

        return await super().read_body(again)

    async def send_response(self, response: Any, send: Send) -> None:
        content = b"" if response.streaming else response.content
        if response.streaming or response.cookies or len(content) > self.chunk_size:
            await super().send_response(response, send)
            return
        # Their mapping takes three calls for each.
        pairs = response.headers._store.values()
        headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in pairs]
        await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": content, "more_body": False})

    async def _start(self, scope: dict[str, Any]) -> None:
        if not (_thread_is_unused() and self._started.are_djangos):
            await signals.request_started.asend(sender=type(self), scope=scope)

    async def _finish(self, request: HttpRequest | None, response: HttpResponseBase | None) -> None:
        finish: Callable[[], object] = functools.partial(signals.request_finished.send, sender=type(self))
        if response is not None:
            finish = response.close
        executor = executors.lent.get()
        rests = executor is not None and (not executor.used or (executor.rests and not self._caches_close))
        if not (rests and self._finished.are_djangos and _closes_at_once(request, response)):
            await _in_thread(finish)
            return
        self._tidy()
        if response is not None:
            response.closed = True

    def _tidy(self) -> None:
        # What is left of it where nobody listens: a thread that was used is tidied before it is lent again, and
        # a URL configuration is set by each request.
        if self._caches_close:
            close_caches()


def _thread_is_unused() -> bool:
    executor = executors.lent.get()
    return executor is not None and not executor.used


def _closes_at_once(request: HttpRequest | None, response: HttpResponseBase | None) -> bool:
    if request is not None and vars(request).get("_files"):
        return False
    if response is None:
        return True
    closers: list[object] = response._resource_closers  # type: ignore[attr-defined]
    is_stock = type(response).close is HttpResponseBase.close
    return is_stock and (not closers or (request is not None and closers == [request.close]))


async def _in_thread(work: Callable[[], object]) -> None:
    # Once, however often the request is cancelled meanwhile: a view that was may still run in the thread.
    called = False
    cancelled: asyncio.CancelledError | None = None

    def once() -> None:
        nonlocal called
        if not called:
            called = True
            work()

    while True:
        executors.forget_callers()
        try:
            await sync_to_async(once)()
            break
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
