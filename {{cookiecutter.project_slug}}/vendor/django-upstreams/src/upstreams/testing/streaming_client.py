"""A client of an ASGI application in this process that reads a stream while the application writes it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from upstreams.core.asgi_types import App, Message
from upstreams.core.httpx import Request, Response, httpx

STREAMED = "upstreams_streamed"


class StreamingClient(httpx.AsyncClient):
    """Marks the requests of `stream()` for `StreamingTransport`."""

    async def send(self, request: Request, *, stream: bool = False, **more: Any) -> Response:
        if stream:
            request.extensions[STREAMED] = True
        return await super().send(request, stream=stream, **more)


class StreamingTransport(httpx.ASGITransport):
    """Responds to `stream()` as soon as the response begins; the library's transport waits until it is complete."""

    async def handle_async_request(self, request: Request) -> Response:
        if STREAMED not in request.extensions:
            return await super().handle_async_request(request)
        exchange = Exchange(self.app)
        relay = httpx.ASGITransport(exchange, client=self.client, root_path=self.root_path)
        exchange.task = asyncio.create_task(relay.handle_async_request(request))
        return await exchange.response()


class Exchange(httpx.AsyncByteStream):
    """A request that runs, and the body of its response. Closing it is what a client does that leaves."""

    task: "asyncio.Task[Response]"

    def __init__(self, app: App) -> None:
        self._app = app
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self._left = asyncio.Event()
        self._has_raised = False

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        body = [message async for message in _body(receive)]

        async def receive_or_leave() -> Message:
            if body:
                return body.pop(0)
            await self._left.wait()
            return {"type": "http.disconnect"}

        is_complete = False

        async def pass_on(message: Message) -> None:
            nonlocal is_complete
            is_body = message["type"] == "http.response.body"
            is_complete = is_body and not message.get("more_body", False)
            without_body = {**message, "body": b""} if is_body else message
            await send(without_body)
            self._messages.put_nowait(without_body if scope["method"] == "HEAD" else message)

        await self._app(scope, receive_or_leave, pass_on)
        if self._left.is_set() and not is_complete:
            await send({"type": "http.response.body"})  # the library's transport requires an end

    async def response(self) -> Response:
        """Return the response when it begins, or raise what the application has raised before."""
        head = await self._next()
        return Response(head["status"], headers=head.get("headers", []), stream=self)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            message = await self._next()
            more = message.get("more_body", False)
            yield message.get("body", b"")
        try:
            await self.task
        except Exception:
            self._has_raised = True
            raise

    async def aclose(self) -> None:
        self._left.set()
        if not self._has_raised:  # httpx, other than httpx2, also closes a stream that has raised
            await self.task

    async def _next(self) -> Message:
        message = asyncio.ensure_future(self._messages.get())
        try:
            await asyncio.wait([message, self.task], return_when=asyncio.FIRST_COMPLETED)
            if message.done():
                return message.result()
            self._has_raised = True
            self.task.result()  # raises what the application has raised
            raise RuntimeError("the application ended its response early")
        except asyncio.CancelledError:
            self.task.cancel()
            raise
        finally:
            message.cancel()


async def _body(receive: Any) -> AsyncIterator[Message]:
    while True:
        message: Message = await receive()
        yield message
        if not message.get("more_body", False):
            return
