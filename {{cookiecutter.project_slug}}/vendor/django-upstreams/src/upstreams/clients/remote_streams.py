"""Bodies that are read in one event loop and belong to another: a chunk at a time crosses between the two."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Protocol

from upstreams.core.call import Call
from upstreams.core.errors import UpstreamClosed
from upstreams.core.event_loop import running_loop
from upstreams.core.httpx import httpx

_closing: set[asyncio.Task[object]] = set()


class Owner(Protocol):
    """The clients of the loop that a response belongs to."""

    def hand_over[T](
        self, coroutine: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop
    ) -> "Future[T] | None": ...


class RemoteStream(httpx.AsyncByteStream, httpx.SyncByteStream):
    """The body of a streamed response, read in any event loop, or in a thread without one.

    A stream that nobody closes is closed when nothing refers to it any more: it holds a connection.

    Args:
        inner: the body.
        owner: the clients that it came through.
        loop: theirs.
        call: that the body belongs to.
    """

    def __init__(
        self, inner: httpx.AsyncByteStream, owner: Owner, loop: asyncio.AbstractEventLoop, call: Call
    ) -> None:
        self._is_closed = False
        self._inner = inner
        self._owner = owner
        self._loop = loop
        self._call = call

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = aiter(self._inner)
        if asyncio.get_running_loop() is self._loop:
            async for chunk in chunks:
                yield chunk
            return
        while (next_chunk := await asyncio.wrap_future(self._run(_next(chunks)))) is not None:
            yield next_chunk

    def __iter__(self) -> Iterator[bytes]:
        refuse_blocking(self._call)
        chunks = aiter(self._inner)
        while (chunk := self._run(_next(chunks)).result()) is not None:
            yield chunk

    def _run[T](self, coroutine: Coroutine[Any, Any, T]) -> "Future[T]":
        future = self._owner.hand_over(coroutine, self._loop)
        if future is None:
            raise UpstreamClosed("its client is closed", call=self._call)
        return future

    async def aclose(self) -> None:
        if (closed := self._close()) is not None:
            await asyncio.shield(asyncio.wrap_future(closed))

    def close(self) -> None:
        closed = self._close()
        if closed is not None and running_loop() is None:
            closed.result()

    def _close(self) -> "Future[None] | None":
        if self._is_closed:
            return None
        self._is_closed = True
        return self._owner.hand_over(self._inner.aclose(), self._loop)

    def __del__(self) -> None:
        if not self._is_closed:
            close_soon(self._inner, self._loop)


class RemoteBody(httpx.AsyncByteStream):
    """The streamed body of a request, whose iterator belongs to the loop of the caller.

    Args:
        inner: the body.
        loop: of the caller, which runs until the call has ended.
    """

    def __init__(self, inner: httpx.AsyncByteStream, loop: asyncio.AbstractEventLoop) -> None:
        self._inner = inner
        self._loop = loop

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = aiter(self._inner)
        try:
            while (chunk := await _in(self._loop, _next(chunks))) is not None:
                yield chunk
        finally:
            close_soon(chunks, self._loop)


def refuse_blocking(call: Call) -> None:
    """Refuse to wait in a thread whose event loop would stand still.

    Raises:
        RuntimeError: an event loop runs in this thread.
    """
    if running_loop() is not None:
        raise RuntimeError(
            f"upstream {call}: a sync client would block the event loop of this thread: use the async client, "
            "or call it by `await sync_to_async(…)()`"
        )


def close_soon(body: Any, loop: asyncio.AbstractEventLoop) -> None:
    """Close an async iterator or a stream in its loop, without waiting for it; may be called in any thread."""
    if hasattr(body, "aclose"):
        with suppress(RuntimeError):  # the loop is closed, and with it the connection
            loop.call_soon_threadsafe(_start_closing, body)


def _start_closing(body: Any) -> None:
    task = asyncio.ensure_future(body.aclose())
    _closing.add(task)
    task.add_done_callback(_closing.discard)


async def _in[T](loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, T]) -> T:
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, loop))


async def _next(chunks: AsyncIterator[bytes]) -> bytes | None:
    return await anext(chunks, None)
