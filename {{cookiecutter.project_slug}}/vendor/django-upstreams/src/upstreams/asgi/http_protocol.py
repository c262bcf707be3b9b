"""uvicorn's HTTP/1.1 on httptools, with bounds of what a connection holds, where six more things differ.

- The body of a request that offers an upgrade, such as `Upgrade: h2c`, is read as its body.
- A response without a length to an HTTP/1.0 client ends with the connection and has no chunks: RFC 9112 §6.1.
- The head of a request may have `MAX_HEAD_SIZE` bytes and `MAX_HEADERS` headers, and take `HEAD_TIMEOUT` seconds.
- Trailers, the headers behind a chunked body, are dropped. uvicorn adds them to the request's own headers, where a
  proxy that checks or replaces those has not seen them (RFC 9110 §6.5.1).
- A connection on which nothing is requested is closed, also before its first request.
- The head of a response leaves with the first part of its body: upstreams/asgi/response_transport.py.

A connection is idle, then in a head (`scope` has no `method` yet), then a request runs until its response is
complete. One timer runs while it is idle or in a head: uvicorn's `timeout_keep_alive_task`.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any, cast

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from upstreams.asgi.bounded_protocol import BoundedProtocol
from upstreams.asgi.buffers import buffers
from upstreams.asgi.heads import MAX_HEADERS
from upstreams.asgi.problem_details import problem_messages
from upstreams.asgi.refusal import LINGER_TIMEOUT
from upstreams.asgi.without_chunks import without_chunks

MAX_HEAD_SIZE = 64 * 1024
"""Bytes of a request's first line and headers, as many as with h11."""
PART_SIZE = 8 * 1024
"""Bytes of a head that are parsed at once: in memory, a header of three bytes is 25 times as large."""
HEAD_TIMEOUT = 10.0
"""Seconds from the first bytes of a head until it is complete."""


# uvicorn's classes of protocols are not public. Every name of HttpToolsProtocol and RequestResponseCycle that is
# used here is private in that sense; tests/package/asgi/test_http_protocol.py fails when one is gone.
class HTTPProtocol(BoundedProtocol):
    """The protocol of `manage.py serve`; pass it to uvicorn as `http`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scope = {}  # type: ignore[typeddict-item] # not None, so that nothing has to ask
        self.headers = []
        self._trailer_size = 0  # bytes since the last ones of a body, also of what stands around chunks
        self._is_refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._set_timer(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def shutdown(self) -> None:
        super().shutdown()
        if self.transport.is_closing() and not self.transport.get_write_buffer_size():
            # uvicorn waits for its connections. Over TLS, an idle client may take its time to confirm the closing.
            self.connections.discard(self)

    # In place of uvicorn's, not around it: each request pays for a few comparisons, and for no further call.
    def data_received(self, data: bytes) -> None:
        left = MAX_HEAD_SIZE - self._head_size
        if len(data) > PART_SIZE and ("path" not in self.scope or not self.cycle.more_body):
            left = min(left, PART_SIZE)
        if len(data) > left:  # so that a head never has to be measured; what is longer is mostly a body
            self.data_received(data[:left])
            self.data_received(data[left:])
            return
        scope = self.scope
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self._refuse(400, self.pipeline.fault or "the request is not valid HTTP/1.1")
        except httptools.HttpParserUpgrade as offer:
            self._on_upgrade(data[offer.args[0] :])
        else:
            if "method" not in self.scope:
                self._on_incomplete_head(len(data), scope)
            else:
                if not self.cycle.response_complete:
                    self._head_size = 0
                    self._unset_keepalive_if_required()
                if self.cycle.more_body:
                    self._trailer_size += len(data)
                    if self._trailer_size > MAX_HEAD_SIZE or len(self.headers) > MAX_HEADERS:
                        self._refuse(431, f"the trailers of a request may have {MAX_HEAD_SIZE} bytes")

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        if "path" in self.scope:  # no upgrade is offered, so that `_on_upgrade` will not ask for them
            self.headers, self._trailer_size = [], 0  # those of the request are in its scope

    def on_body(self, body: bytes) -> None:
        self._trailer_size = 0
        super().on_body(body)

    def _on_incomplete_head(self, size: int, before: Mapping[str, Any]) -> None:
        if self._is_refused:
            return
        if self._head_size == 0 or before is not self.scope:
            self._set_timer(HEAD_TIMEOUT, partial(self._refuse, 408, "the head took too long to arrive"))
            self._head_size = 0
            if "method" in before:
                size = 1  # other requests may have come before it in the same segment
        self._head_size += size
        if self._head_size >= MAX_HEAD_SIZE or len(self.headers) > MAX_HEADERS:
            self._refuse(431, f"a head may have {MAX_HEAD_SIZE} bytes and {MAX_HEADERS} headers")
        else:
            buffers.grown(self)

    def _should_upgrade(self) -> bool:
        # With True, uvicorn makes nothing of the head and of the end that httptools sees behind it.
        return True

    def _on_upgrade(self, rest: bytes) -> None:
        if super()._should_upgrade():
            self._unset_keepalive_if_required()
            self.handle_websocket_upgrade()
        elif self.scope["method"] == "CONNECT":
            self._refuse(405, "this is not a proxy")
        else:
            # httptools takes what follows for another protocol. The same head without the offer, and the rest.
            head = self._head_without_upgrade()
            self._head_size, self.parser = 0, httptools.HttpRequestParser(self)
            self.parser.set_dangerous_leniencies(
                lenient_data_after_close=True
            )  # as uvicorn does, for pipelining
            self.data_received(head)
            if rest:
                self.data_received(rest)

    def _head_without_upgrade(self) -> bytes:
        lines = [
            b"%b %b HTTP/%b" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        ]
        for name, value in self.headers:
            if name == b"connection":
                options = [option for option in value.split(b",") if option.strip().lower() != b"upgrade"]
                value = b",".join(options)
            lines.append(b"%b:%b" % (name, value))
        return b"\r\n".join([*lines, b"", b""])

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if cycle.scope["http_version"] != "1.1":
            app = partial(without_chunks, app, cycle)
        super()._start_asgi_task(cycle, app)

    def _refuse(self, status: int, detail: str) -> None:
        if self._is_refused:
            return
        self.logger.warning("Refused a request from %s: %s.", self.client, detail)
        self._is_refused = True
        self._head_size, self.scope, self.parser = 0, cast(Any, {}), cast(Any, _Discarding())
        running = self.cycle
        if running is not None and not running.response_complete:
            if not running.more_body:
                running.keep_alive = False  # earlier requests get their responses, then the connection ends
                return
            running.disconnected = True  # as far as the application can know: its body will not be complete
            running.message_event.set()
            if running.response_started or self.pipeline:
                self.transport.close()
                return
        start, body = problem_messages(status, detail, close=True)
        headers = [*self.server_state.default_headers, *start["headers"]]
        lines = [b"%b: %b\r\n" % header for header in headers]
        self.transport.write(b"".join([STATUS_LINE[status], *lines, b"\r\n", body["body"]]))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._set_timer(LINGER_TIMEOUT, self.transport.close)

    def _set_timer(self, seconds: float, callback: Any) -> None:
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(seconds, callback)


class _Discarding:
    """In place of a parser, for what follows a refused request."""

    def feed_data(self, data: bytes) -> None:
        pass
