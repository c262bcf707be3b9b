"""The limits of one request: its time, its size, and the slots that it needs."""

import asyncio
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest

from upstreams.asgi.concurrency import ConcurrencyLimits, Limiter
from upstreams.asgi.heads import MAX_HEADERS, MAX_TARGET_SIZE, RESPONSE_SIZE, content_length, has_no_end
from upstreams.asgi.os_errors import refusal_of
from upstreams.asgi.refusal import send_refusal
from upstreams.asgi.stuck_requests import StuckRequest
from upstreams.core import context, debugger
from upstreams.core.asgi_types import App, Message, Receive, Scope, Send
from upstreams.core.cancel_scope import CancelScope
from upstreams.core.request_deadline import RequestDeadline

FREE_BODY_SIZE = 16 * 1024
"""Bytes of each body that do not count towards all bodies together, so that uploads cannot keep small requests out."""


@dataclass(frozen=True)
class RequestLimits:
    """The limits of one request.

    Args:
        timeout: seconds until the response begins; then the view is cancelled and the client gets a 504.
        max_body_size: bytes of the request body.
        body_timeout: seconds until the whole body has arrived.
    """

    timeout: float
    max_body_size: int
    body_timeout: float


class LimitedRequest:
    """Runs an application for one request, and responds in its place when a limit is exceeded.

    Args:
        receive: from the client.
        send: to the client.
        slots: where the request takes its slot.
        limits: of its time and size.
    """

    def __init__(self, receive: Receive, send: Send, slots: ConcurrencyLimits, limits: RequestLimits) -> None:
        self._receive = receive
        self._send = send
        self._slots = slots
        self._limits = limits
        self._limiter: Limiter | None = None
        self._body_left = limits.max_body_size
        self._body_bytes = 0  # taken of the budget for all bodies
        self._scope = CancelScope()
        self._start: Message | None = None
        self._response_started = False
        self._refusal: asyncio.Task[None] | None = None
        self._stuck: StuckRequest | None = None

    async def run(self, app: App, scope: Scope, deadline: RequestDeadline) -> None:
        """Run the application until its deadline, unless the head of the request exceeds a limit."""
        self._head, self._deadline = scope, deadline
        self._loop = asyncio.get_running_loop()
        self._state = scope.get("state", {})
        length = content_length(scope)
        if len(scope["headers"]) > MAX_HEADERS:
            self._refuse(431, f"a request may have {MAX_HEADERS} headers")
        elif len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"]) > MAX_TARGET_SIZE:
            self._refuse(414, f"path and query may have {MAX_TARGET_SIZE} bytes")
        elif length is not None and length > self._limits.max_body_size:
            self._refuse(413, f"a body may have {self._limits.max_body_size} bytes", linger=True)
        elif self._take_slot(self._slots.requests if length is None else self._slots.uploads):
            self._body_deadline: float | None = self._loop.time() + self._limits.body_timeout
            deadline.start(self._on_timeout)
            try:
                with self._scope:
                    # Most requests have no body, and pay nothing for its limits.
                    await app(
                        scope, self._receive if length is None else self._receive_body, self._send_response
                    )
            except OSError as error:  # of a body or a static file
                if (refusal := refusal_of(error)) is None:
                    raise
                self._refuse(refusal.status, refusal.detail, linger=True, retry_after=refusal.retry_after)
            except BadRequest as error:  # Django makes a request only of a Content-Type that it can parse
                self._refuse(400, str(error))
            finally:
                deadline.stop()
            if self._response_started and self._scope.cancel_called and has_no_end(self._start):
                await self._send({"type": "http.response.body"})

    def end_stream(self) -> None:
        """Cancel the view in the middle of its response."""
        self._scope.cancel()

    def release(self) -> None:
        """Give back the slot and the bytes of the body."""
        if self._stuck is not None:
            self._stuck.ended()
        self._release_slot()
        self._slots.bodies.release(self._body_bytes)

    def _release_slot(self) -> None:
        if self._limiter is not None:
            self._limiter.release()
            if self._limiter is self._slots.streams:
                self._slots.open_streams.discard(self)

    async def wait_for_refusal(self) -> None:
        """Wait until the response that was sent in the application's place is complete."""
        if self._refusal is not None:
            await self._refusal

    def _take_slot(self, limiter: Limiter) -> bool:
        if not limiter.acquire():
            self._refuse(503, f"too many {limiter.kind} are in flight", retry_after=1)
            return False
        self._release_slot()
        self._limiter = limiter
        return True

    def _on_timeout(self) -> None:
        if debugger.in_use or self._response_started:
            return
        if self._refusal is None:
            self._head["limit"] = self._deadline.key  # for the access log
        self._refuse(504, "the request took too long", limit=self._deadline.key)
        self._cancel()
        if self._stuck is None:
            self._stuck = StuckRequest(self._slots.stuck, self._head, self._scope.task)

    async def _receive_body(self) -> Message:
        if self._body_deadline is None:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._body_deadline):
                message = await self._receive()
        except TimeoutError:
            if debugger.in_use:
                self._body_deadline = None
                return await self._receive()
            self._refuse(408, "the body took too long to arrive")
            return {"type": "http.disconnect"}
        self._body_left -= len(message.get("body", b""))
        if self._body_left < 0:
            self._refuse(413, f"a body may have {self._limits.max_body_size} bytes", linger=True)
        elif not self._take_body_bytes():
            self._refuse(503, "the bodies of other requests take all space", linger=True, retry_after=1)
        elif not message.get("more_body", False):
            self._body_deadline = None
            self._take_slot(self._slots.requests)
        return message if self._refusal is None else {"type": "http.disconnect"}

    def _take_body_bytes(self) -> bool:
        size = self._limits.max_body_size - self._body_left - FREE_BODY_SIZE - self._body_bytes
        if size <= 0:
            return True
        if not self._slots.bodies.acquire(size):
            return False
        self._body_bytes += size
        return True

    async def _send_response(self, message: Message) -> None:
        # Held back until the first part of the body, which shows whether the response is a stream.
        if message["type"] == "http.response.start":
            self._start = message
            return
        if not self._response_started and message.get("more_body", False) and self._refusal is None:
            if self._take_slot(self._slots.streams):
                context.deadline.set(None)
                self._slots.open_streams.add(self)
            else:
                self._cancel()
        if self._refusal is not None:
            self._cancel()
            await asyncio.sleep(
                0
            )  # which raises the cancellation, unless the application has caught it already
            raise asyncio.CancelledError
        if not self._response_started and self._start is not None:
            self._response_started = True
            self._state[RESPONSE_SIZE] = len(message.get("body", b""))
            await self._send(self._start)
        await self._send(message)

    def _cancel(self) -> None:
        if not self._response_started:
            self._scope.cancel()

    def _refuse(self, status: int, detail: str, **more: Any) -> None:
        # In a task: a view in a thread cannot be stopped, and the client should not wait for it.
        if not self._response_started and self._refusal is None:
            self._refusal = asyncio.create_task(
                send_refusal(self._receive, self._send, status, detail, **more)
            )
