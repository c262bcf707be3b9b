"""Responses that send the items of an async iterator as they come: server-sent events, and JSON Lines."""

import math
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import msgspec
from django.http import StreamingHttpResponse

from upstreams.asgi.heartbeats import Heartbeats
from upstreams.clients.server_sent_events import ServerSentEvent

COMMENT = b":\n\n"
HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
"""Nothing on the way should keep or collect the parts; the second one is nginx's."""


class ItemsResponse(StreamingHttpResponse):
    """Sends the chunks of an async generator, and closes it before the response has ended.

    Django closes its own iterator over the chunks alone, and the response refers to them.

    Args:
        chunks: an async generator.
        more: arguments of `StreamingHttpResponse`.
    """

    def __init__(self, chunks: AsyncGenerator[bytes], **more: Any) -> None:
        super().__init__(chunks, **more)
        self._chunks = chunks
        for name, value in HEADERS.items():
            self.headers.setdefault(name, value)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async with aclosing(self._chunks):
            async for part in super().__aiter__():
                yield part


class EventStreamResponse(ItemsResponse):
    """Sends server-sent events as they come, and a comment whenever there was none for a time.

    The iterator is closed when the client has left. If it fails, the connection ends without the end of the response.

    Args:
        events: an async iterator of `ServerSentEvent`, of text, which becomes the data of one, or of values, which
            become its data as JSON.
        heartbeat: seconds of silence before a comment; proxies and browsers end connections that seem dead.
        more: arguments of `StreamingHttpResponse`, such as `headers` and `status`.

    Raises:
        TypeError: `events` is no async iterator.
        ValueError: `heartbeat` is no such number.
    """

    def __init__(self, events: AsyncIterable[Any], *, heartbeat: float = 15.0, **more: Any) -> None:
        _check_async("EventStreamResponse", events)
        if type(heartbeat) not in (int, float) or not 0 < heartbeat < math.inf:
            raise ValueError(f"heartbeat must be a number of seconds above 0, not {heartbeat!r}")
        chunks = Heartbeats(_encoded_events(events), COMMENT, heartbeat)
        super().__init__(aiter(chunks), **{"content_type": "text/event-stream", **more})


class JSONLinesResponse(ItemsResponse):
    """Sends values as JSON Lines, one by one as they come.

    The iterator is closed when the client has left. If it fails, the connection ends without the end of the response,
    by which clients notice that lines are missing.

    Args:
        values: an async iterator of what msgspec can encode.
        more: arguments of `StreamingHttpResponse`, such as `headers` and `status`.

    Raises:
        TypeError: `values` is no async iterator.
    """

    def __init__(self, values: AsyncIterable[Any], **more: Any) -> None:
        _check_async("JSONLinesResponse", values)
        super().__init__(_encoded_lines(values), **{"content_type": "application/x-ndjson", **more})


def _check_async(name: str, items: object) -> None:
    if not isinstance(items, AsyncIterable):
        raise TypeError(
            f"{name} needs an async iterator, such as a call of an async generator, not {type(items).__name__}"
        )


@asynccontextmanager
async def _closing(items: AsyncIterable[Any]) -> AsyncIterator[AsyncIterator[Any]]:
    iterator = aiter(items)
    try:
        yield iterator
    finally:
        if hasattr(iterator, "aclose"):
            await iterator.aclose()


async def _encoded_events(events: AsyncIterable[Any]) -> AsyncGenerator[bytes]:
    async with _closing(events) as source:
        async for event in source:
            if not isinstance(event, ServerSentEvent):
                data = event if isinstance(event, str) else msgspec.json.encode(event).decode()
                event = ServerSentEvent(data)
            yield event.encode()


async def _encoded_lines(values: AsyncIterable[Any]) -> AsyncGenerator[bytes]:
    async with _closing(values) as source:
        async for value in source:
            yield msgspec.json.encode(value) + b"\n"
