"""Django's ASGI handler without the thread switches that it makes itself.

ASGIHandler's methods are not documented (Django 6.1). tests/package/fastpath/test_leaned_on.py compares a digest of all
that this module overrides, copies or calls.
"""

import functools
from collections.abc import Callable
from io import BytesIO
from typing import IO, Any

from django.core import signals
from django.core.cache import BaseCache, close_caches
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.log import log_response
from django.utils.module_loading import import_string

from upstreams.core import thread_use
from upstreams.core.asgi_types import DjangoMessage, DjangoReceive, DjangoSend
from upstreams.fastpath import body, url_locals
from upstreams.fastpath.disconnect import CancelOnDisconnect
from upstreams.fastpath.iterate_in_thread import leave_out_body
from upstreams.fastpath.replaced_stream import VIEW_STREAM, close_with
from upstreams.fastpath.request import Request
from upstreams.fastpath.request_executor import current_executor
from upstreams.fastpath.run_in_thread import run_in_thread
from upstreams.fastpath.setting import setting
from upstreams.fastpath.signals import SignalReceivers
from upstreams.fastpath.stream_head import in_one_part, send_with_head_first
from upstreams.fastpath.view_dispatch import ViewDispatch


class Handler(ViewDispatch, ASGIHandler):
    """Responds as the stock handler does, and sends one `request_finished` for each `request_started`."""

    request_class = Request
    chunk_bytes = staticmethod(in_one_part)

    _started = SignalReceivers(signals.request_started)
    _finished = SignalReceivers(signals.request_finished)
    _has_caches_to_close = True  # until load_middleware, which Django's handler of static files never calls

    async def __call__(self, scope: dict[str, Any], receive: DjangoReceive, send: DjangoSend) -> None:
        if current_executor.get() is None or scope["type"] != "http":
            await super().__call__(scope, receive, send)
        else:
            # The stock __call__ adds a ThreadSensitiveContext; ThreadPool has entered one already.
            await self.handle(scope, receive, send)

    async def handle(self, scope: dict[str, Any], receive: DjangoReceive, send: DjangoSend) -> None:
        try:
            stream = await self.read_body(receive)
        except RequestAborted:
            return
        with stream:
            url_locals.set_prefix(get_script_prefix(scope))
            request = response = None
            try:
                await self._send_started(scope)
                request, response = self.create_request(scope, stream)
                if request is None:
                    await self.send_response(response, send)
                    return
                with CancelOnDisconnect(self.listen_for_disconnect, receive):
                    response = await self.run_get_response(request)
                    if response.streaming:
                        leave_out_body(request, response)
                    await self.send_response(response, send)
            finally:
                await self._finish(request, response)

    async def get_response_async(self, request: HttpRequest) -> Any:
        url_locals.set_root(setting("ROOT_URLCONF"))
        # Private: BaseHandler._middleware_chain (Django 6.1), called as in the method that this one overrides, which
        # logs in a thread. tests/package/fastpath/test_leaned_on.py compares that method.
        response: Any = await self._middleware_chain(request)  # type: ignore[attr-defined]
        if VIEW_STREAM in request.__dict__:
            close_with(request, response)
        # Private: HttpResponseBase._resource_closers (Django 6.1), as in that method; compared by the same test.
        response._resource_closers.append(request.close)
        if response.status_code >= 400:
            log_response("%s: %s", response.reason_phrase, request.path, response=response, request=request)
        return response

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async)
        backends = [import_string(cache["BACKEND"]) for cache in setting("CACHES").values()]
        self._has_caches_to_close = any(backend.close is not BaseCache.close for backend in backends)

    async def read_body(self, receive: DjangoReceive) -> IO[bytes]:
        message = await receive()
        content = message.get("body", b"")
        if (
            message["type"] == "http.request"
            and not message.get("more_body", False)
            and len(content) <= setting("FILE_UPLOAD_MAX_MEMORY_SIZE")
        ):
            return BytesIO(content)
        messages = [message]

        async def replay() -> DjangoMessage:
            return messages.pop() if messages else await receive()

        return await body.read_body(replay)

    async def send_response(self, response: Any, send: DjangoSend) -> None:
        content = b"" if response.streaming else response.content
        if response.streaming or response.cookies:
            await send_with_head_first(super().send_response, response, send)
            return
        # Private: CaseInsensitiveMapping._store (Django 6.1). Only read; items() makes three calls for each header.
        # tests/package/fastpath/test_leaned_on.py compares the class.
        pairs = response.headers._store.values()
        headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in pairs]
        await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": content, "more_body": False})

    async def _send_started(self, scope: dict[str, Any]) -> None:
        executor = current_executor.get()
        is_unused = executor is not None and not executor.used
        if not (is_unused and self._started.only_builtin_receivers):
            self._started.note_others()
            await signals.request_started.asend(sender=type(self), scope=scope)

    async def _finish(self, request: HttpRequest | None, response: HttpResponseBase | None) -> None:
        if request is not None and request.method == "POST":  # only its form is read
            body.forget_form(request, response)
        finish: Callable[[], object] = functools.partial(signals.request_finished.send, sender=type(self))
        if response is not None:
            finish = response.close  # sends the signal too
        elif request is not None:  # cancelled: no response will close the uploaded files
            finish = functools.partial(_close_and, request, finish)
        executor = current_executor.get()
        needs_no_thread = executor is not None and (
            not executor.used or (executor.is_idle and not self._has_caches_to_close)
        )
        if not (
            needs_no_thread and self._finished.only_builtin_receivers and _has_no_closers(request, response)
        ):
            self._finished.note_others()
            if response is not None and not _has_no_closers(request, response):
                thread_use.note(response.close)
            await run_in_thread(finish)
            return
        self._close_caches()
        if response is not None:
            response.closed = True

    def _close_caches(self) -> None:
        # All that Django's own receivers of request_finished still have to do: the pool closes the connections of
        # a thread before the next request gets it, and each request sets its URLconf.
        if self._has_caches_to_close:
            close_caches()


def _close_and(request: HttpRequest, finish: Callable[[], object]) -> None:
    try:
        request.close()
    finally:
        finish()


def _has_no_closers(request: HttpRequest | None, response: HttpResponseBase | None) -> bool:
    # Private: HttpRequest._files (Django 6.1), the uploaded files once they are parsed. Only read;
    # tests/package/fastpath/test_endings.py has an upload that must be closed in the thread.
    if request is not None and vars(request).get("_files"):
        return False
    if response is None:
        return True
    # Private: HttpResponseBase._resource_closers (Django 6.1). Only read; the same test has a closer of its own.
    closers: list[object] = response._resource_closers  # type: ignore[attr-defined]
    is_stock = type(response).close is HttpResponseBase.close
    return is_stock and (not closers or (request is not None and closers == [request.close]))
