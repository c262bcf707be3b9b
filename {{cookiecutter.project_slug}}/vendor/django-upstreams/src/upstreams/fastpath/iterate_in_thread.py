"""Reads the sync iterator of a streamed response in the request's thread, as fast as the client takes it.

Django's handler makes a list of it first, which takes the memory of a whole file.
"""

import asyncio
import inspect
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from contextvars import copy_context
from typing import Any, Self

from asgiref.sync import sync_to_async
from django.http import FileResponse, HttpRequest, StreamingHttpResponse

from upstreams.core import thread_use
from upstreams.fastpath.run_in_thread import run_in_thread

READ_SIZE = 256 * 1024
"""Bytes after which the thread stops reading until the client has taken them."""


@asynccontextmanager
async def iterate_in_thread(response: Any) -> AsyncIterator[Any]:
    """Return what Django's handler sends in place of a streamed response; at the end of the block, nothing reads it.

    Args:
        response: streamed; returned as it is if its iterator is async.
    """
    # A subclass may iterate in its own way.
    is_djangos = getattr(type(response), "__aiter__", None) is StreamingHttpResponse.__aiter__
    if not is_djangos or response.is_async:
        yield response
        return
    thread_use.note(type(response))
    if isinstance(response, FileResponse):
        response.block_size = READ_SIZE  # a work item costs more than reading Django's 64 KB
    # Private: StreamingHttpResponse._iterator (Django 5.2 to 6.1). `streaming_content` wraps it in map(), which hides
    # close(). tests/package/asgi/test_sync_iterators.py fails where a generator is not closed in its context.
    source = getattr(response, "_iterator", None)
    chunks = _ThreadIterator(
        response.streaming_content, source.close if inspect.isgenerator(source) else None
    )
    try:
        yield _Iterated(response, chunks)
    finally:
        response.streaming_content = ()  # the iterator of a FileResponse refers to the response: a cycle
        await chunks.aclose()


def leave_out_body(request: HttpRequest, response: Any) -> None:
    """Read nothing of a file or a sync iterator for a HEAD request: servers throw the body away.

    Args:
        request: any.
        response: to that request.
    """
    if request.method == "HEAD" and response.streaming and not getattr(response, "is_async", True):
        response.streaming_content = ()


class _Iterated:
    """A response whose chunks come from another iterator."""

    def __init__(self, response: Any, chunks: "_ThreadIterator") -> None:
        self._response = response
        self._chunks = chunks

    def __getattr__(self, name: str) -> Any:
        return getattr(self._response, name)

    def __aiter__(self) -> "_ThreadIterator":
        return self._chunks


class _ThreadIterator:
    """Gives one work item after another to the thread: the next when the chunks of the last one are taken.

    So a client that reads slowly keeps no thread busy, and chunks of a few bytes take no work item each. A chunk is
    handed over while the thread waits for the next one.

    Args:
        source: read in the thread.
        close: of the generator behind it, called there unless it was read to its end.
    """

    def __init__(self, source: Iterator[bytes], close: Callable[[], object] | None) -> None:
        self._source: Iterator[bytes] | None = source
        self._close_source = close
        self._chunks: deque[bytes] = deque()
        self._arrived = asyncio.Event()
        self._is_waiting = False  # for a chunk
        self._reading: asyncio.Task[None] | None = None
        self._ended = self._stopped = False

    async def __anext__(self) -> bytes:
        while not self._chunks:
            if self._reading is None or self._reading.done():
                self._begin_reading()
            self._arrived.clear()
            self._is_waiting = True
            if not self._chunks:
                await self._arrived.wait()
        taken = []
        while self._chunks:
            taken.append(self._chunks.popleft())
        return b"".join(taken) if len(taken) > 1 else taken[0]

    def __aiter__(self) -> Self:
        return self

    def _begin_reading(self) -> None:
        if self._reading is None:
            self._loop = asyncio.get_running_loop()
            # One for all work items: a generator may reset what it has set before it yielded.
            self._context = copy_context()
        else:
            self._reading.result()
            if self._ended:
                raise StopAsyncIteration
        # A task, because chunks are sent while it runs, and because a thread cannot be cancelled.
        self._reading = self._loop.create_task(sync_to_async(self._read, context=self._context)())
        self._reading.add_done_callback(self._on_read)

    def _read(self) -> None:
        assert self._source is not None  # noqa: S101 - for the type checker # nosec B101
        size = 0
        while size < READ_SIZE and not self._stopped:
            chunk = next(self._source, None)
            if chunk is None:
                self._ended = True
                break
            self._chunks.append(chunk)
            size += len(chunk) or 1
            if self._is_waiting and size < READ_SIZE:  # else the end of the work item tells the loop
                self._is_waiting = False
                self._loop.call_soon_threadsafe(self._arrived.set)

    def _on_read(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            task.exception()  # retrieved: nothing else asks for it if the client has left
        self._arrived.set()

    async def aclose(self) -> None:
        """Stop reading, and wait for the thread, which may be in the middle of it."""
        self._stopped = True
        if self._reading is not None and not self._ended:
            await run_in_thread(self._close)
        self._reading = self._source = self._close_source = None

    def _close(self) -> None:
        # Here, because it may end a transaction. Errors are ignored, as by Django's HttpResponse.close().
        self._source = None
        if self._close_source is not None:
            with suppress(Exception):
                self._context.run(self._close_source)
