"""One request and its answer, within limits."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from server.lanes import Lane, Lanes
from server.problems import messages
from server.types import App, Message, Receive, Scope, Send
from services.core import context
from services.core.cut import Cut

LINGER = 1.0
"""Seconds to take in more of a body that is refused: else the client may miss why (RFC 9112 §9.6)."""
HEADERS = 100
"""A request may have so many, ..."""
TARGET = 8192
"""... and so many bytes of path and query; what RFC 9112 §3 asks a server to take."""


@dataclass(frozen=True)
class Limits:
    """Of one request.

    Args:
        seconds: until the head of the answer; then the view is cancelled, and the client gets a 504.
        body: bytes of the request's body.
        body_seconds: until the whole body must have arrived.
    """

    seconds: float
    body: int
    body_seconds: float


class Exchange:
    """Runs an application for one request; answers in its place when it, or its client, exceeds a limit.

    Args:
        receive: from the client.
        send: to the client.
        lanes: where it needs a place.
        limits: of its time and size.
    """

    def __init__(self, receive: Receive, send: Send, lanes: Lanes, limits: Limits) -> None:
        self._receive = receive
        self._send = send
        self._lanes = lanes
        self._limits = limits
        self._lane: Lane | None = None
        self._left = limits.body
        self._cut = Cut()
        self._head: Message | None = None
        self._answers = False
        self._refusal: asyncio.Task[None] | None = None

    async def run(self, app: App, scope: Scope) -> None:
        """Run the application, unless the head of the request is refused."""
        self._loop = asyncio.get_running_loop()
        length = _length(scope)
        if len(scope["headers"]) > HEADERS:
            self._refuse(431, f"a request may have {HEADERS} headers")
        elif len(scope["path"]) + len(scope["query_string"]) > TARGET:
            self._refuse(414, f"path and query may have {TARGET} bytes")
        elif length is not None and length > self._limits.body:
            self._refuse(413, f"a body may have {self._limits.body} bytes", linger=True)
        elif self._enter(self._lanes.requests if length is None else self._lanes.uploads):
            self._body_by: float | None = self._loop.time() + self._limits.body_seconds
            timer = self._loop.call_later(self._limits.seconds, self._is_late)
            try:
                with self._cut:
                    # Most requests have no body that would have to be watched.
                    await app(scope, self._receive if length is None else self._receive_body, self._pass_on)
            finally:
                timer.cancel()

    def end(self) -> None:
        """Leave its place to others."""
        if self._lane is not None:
            self._lane.leave()

    async def answered(self) -> None:
        """Returns when what was said in the application's place is sent."""
        if self._refusal is not None:
            await self._refusal

    def _enter(self, lane: Lane) -> bool:
        if not lane.enter():
            self._refuse(503, f"too many {lane.name} are in flight", retry_after=1)
            return False
        self.end()
        self._lane = lane
        return True

    def _is_late(self) -> None:
        self._refuse(504, "the request took too long")
        self._stop()

    async def _receive_body(self) -> Message:
        if self._body_by is None:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._body_by):
                message = await self._receive()
        except TimeoutError:
            self._refuse(408, "the body took too long to arrive")
            return {"type": "http.disconnect"}
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self._refuse(413, f"a body may have {self._limits.body} bytes", linger=True)
        elif not message.get("more_body", False):
            self._body_by = None
            self._enter(self._lanes.requests)
        return message if self._refusal is None else {"type": "http.disconnect"}

    async def _pass_on(self, message: Message) -> None:
        # The head waits for the first part, which tells whether there are more.
        if message["type"] == "http.response.start":
            self._head = message
            return
        if not self._answers and message.get("more_body", False) and self._refusal is None:
            if self._enter(self._lanes.streams):
                context.deadline.set(None)
            else:
                self._stop()
        if self._refusal is not None:
            await self._loop.create_future()  # until the application is cut off
        if not self._answers and self._head is not None:
            self._answers = True
            await self._send(self._head)
        await self._send(message)

    def _stop(self) -> None:
        if not self._answers:
            self._cut()

    def _refuse(
        self, status: int, detail: str, *, linger: bool = False, retry_after: int | None = None
    ) -> None:
        # A task of its own, for a view in a thread cannot be stopped, and its client should not wait for it.
        if not self._answers and self._refusal is None:
            self._refusal = asyncio.create_task(self._answer(status, detail, linger, retry_after))

    async def _answer(self, status: int, detail: str, linger: bool, retry_after: int | None) -> None:
        head, body = messages(status, detail, retry_after=retry_after, close=status in (408, 413))
        await self._send(head)
        await self._send({**body, "more_body": linger})
        if linger:
            with suppress(TimeoutError):
                async with asyncio.timeout(LINGER):
                    while (await self._receive()).get("more_body", False):
                        pass
            await self._send({"type": "http.response.body"})


def _length(scope: Scope) -> int | None:
    """Bytes of the body; None if there is none, -1 if nobody knows yet."""
    length = None if scope["http_version"].startswith("1") else -1
    for name, value in scope["headers"]:
        if name == b"transfer-encoding":
            return -1  # whatever a Content-Length beside it says, RFC 9112 §6.3
        if name == b"content-length" and value.isdigit():
            length = int(value) or None
    return length
