"""Django's ASGI handler, which leaves open what it has not responded to when a request is cancelled."""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import IO, Any

from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, ResolverMatch

from upstreams.core.asgi_types import DjangoReceive, DjangoSend
from upstreams.fastpath import route_timeouts
from upstreams.fastpath.body import forget_form, leave_form_unread, read_body
from upstreams.fastpath.iterate_in_thread import leave_out_body
from upstreams.fastpath.replaced_stream import close_with, note_view_stream
from upstreams.fastpath.run_in_thread import run_in_thread
from upstreams.fastpath.stream_head import in_one_part, send_with_head_first

_open: ContextVar[list[HttpRequest | HttpResponseBase] | None] = ContextVar("_open", default=None)
"""The request and then the response, if they exist; the last one closes the others."""


class StockHandler(ASGIHandler):
    """Closes the request, or the response, that a cancellation by deadline or shutdown has left open."""

    # Undocumented: ASGIHandler.chunk_bytes, and handle, read_body, create_request, resolve_request, run_get_response,
    # send_response and the private _get_response_async (Django 5.2 to 6.1), each called as before;
    # test_uploads.py, test_streams.py, test_files.py and test_request_timeout.py of tests/package/asgi fail where they
    # are not.

    chunk_bytes = staticmethod(in_one_part)

    async def handle(self, scope: dict[str, Any], receive: DjangoReceive, send: DjangoSend) -> None:
        opened: list[HttpRequest | HttpResponseBase] = []
        token = _open.set(opened)
        try:
            await super().handle(scope, receive, send)
        finally:
            _open.reset(token)
            if opened and isinstance(opened[0], HttpRequest):
                response = opened[-1]
                forget_form(opened[0], response if isinstance(response, HttpResponseBase) else None)
            if opened and not getattr(opened[-1], "closed", False):
                await run_in_thread(opened[-1].close)

    async def read_body(self, receive: DjangoReceive) -> IO[bytes]:
        return await read_body(receive)

    def create_request(self, scope: Mapping[str, Any], body_file: IO[bytes]) -> Any:
        request, response = super().create_request(scope, body_file)
        _note(request)
        return request, response

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        try:
            match = super().resolve_request(request)
        except Resolver404:
            leave_form_unread(request)
            raise
        route_timeouts.apply(match)
        return match

    async def _get_response_async(self, request: HttpRequest) -> Any:
        response = await super()._get_response_async(request)  # type: ignore[misc]
        note_view_stream(request, response)
        return response

    async def run_get_response(self, request: HttpRequest) -> Any:
        response = await super().run_get_response(request)
        close_with(request, response)
        leave_out_body(request, response)
        _note(response)
        return response

    async def send_response(self, response: Any, send: DjangoSend) -> None:
        await send_with_head_first(super().send_response, response, send)


def _note(found: HttpRequest | HttpResponseBase | None) -> None:
    opened = _open.get()
    if found is not None and opened is not None:
        opened.append(found)
