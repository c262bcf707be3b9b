"""The calls of an upstream whose responses are read an item at a time."""

import functools
from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from upstreams.clients.event_parser import EventParser
from upstreams.clients.item_limits import ItemLimits
from upstreams.clients.item_reader import check_content_type, read_items
from upstreams.clients.json_lines_parser import JSONLinesParser
from upstreams.clients.reconnecting import reconnecting
from upstreams.clients.server_sent_events import ServerSentEvent
from upstreams.core.call import Call
from upstreams.core.httpx import Response

CALL = "call"
"""The extension of a streamed response that has its call."""
EVENT_STREAM = ("text/event-stream",)
JSON_LINES = (
    "application/x-ndjson",
    "application/jsonl",
    "application/ndjson",
    "application/x-jsonlines",
    "application/jsonlines",
    "application/json-lines",
    "application/x-json-stream",
    "application/stream+json",
    "application/json",
    "application/octet-stream",
    "text/plain",
)
"""None is registered; the last ones are those of servers that know none."""


class EventCalls:
    """The part of `Upstream` that reads events and JSON Lines, over its `stream`."""

    if TYPE_CHECKING:
        alias: str

        def stream(self, method: str, path: str, /, **more: Any) -> AbstractAsyncContextManager[Response]: ...

    def events(
        self,
        method: str,
        path: str,
        /,
        *,
        first_timeout: float | None = None,
        idle_timeout: float | None = None,
        max_size: int | None = None,
        reconnect: bool = False,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> AsyncGenerator[ServerSentEvent]:
        """Send a request as `request` does, and return the server-sent events of the response as they arrive.

        Comments, which servers send as heartbeats, are no events: `STREAM_IDLE_TIMEOUT` holds between two chunks of
        any kind, `idle_timeout` between two events.

        Args:
            method: the HTTP method.
            path: as for `request`, and so are the other arguments.
            first_timeout: seconds from the response headers to the first event; without it, `TIMEOUT`, or `timeout`,
                ends with the first event. `math.inf` sets no limit.
            idle_timeout: seconds between two events, instead of `STREAM_IDLE_TIMEOUT`; `math.inf` sets no limit.
            max_size: bytes of one event, instead of `MAX_RESPONSE_SIZE`.
            reconnect: whether it is safe to send the request again, with the `Last-Event-ID`, when the stream was cut
                or has ended. A response with status 204 ends it, and so do `MAX_ATTEMPTS` connections, or `attempts`,
                in a row without an event.
            headers: sent in addition to `HEADERS`.

        Raises:
            UpstreamError: one of `upstreams.core.errors`.
            ValueError: a limit is no such number, or the body cannot be sent again.
        """
        limits = ItemLimits("event", first_timeout, idle_timeout, max_size)
        connect = functools.partial(self._connect, method, path, limits, headers, more)
        call = Call(self.alias, method, path)
        if not reconnect:
            return connect(None)
        if more.get("files") or isinstance(more.get("content"), AsyncIterable):
            raise ValueError(
                f"upstream {call}: reconnect=True sends the request again: pass its body by json=, data=, or as bytes"
            )
        return reconnecting(connect, call, limits, more.get("attempts"))

    async def _connect(
        self,
        method: str,
        path: str,
        limits: ItemLimits,
        headers: Mapping[str, str] | None,
        more: Mapping[str, Any],
        parser: EventParser | None,
    ) -> AsyncGenerator[ServerSentEvent]:
        accepting = _accepting(EVENT_STREAM, headers)
        if parser is not None and parser.last_id:
            accepting = {**accepting, "Last-Event-ID": parser.last_id}
        async with self.stream(method, path, headers=accepting, **more) as response:
            call: Call = response.extensions[CALL]
            hint = "ask the upstream for a stream, mostly by a field of the request such as stream"
            check_content_type(response, EVENT_STREAM, call, hint)
            parser = parser or EventParser(limits.bytes(call.alias))
            parser.call, parser.is_over = call, response.status_code == 204
            async for event in read_items(response, parser, limits, call):
                yield event

    async def json_lines[T](
        self,
        method: str,
        path: str,
        /,
        *,
        into: type[T] = Any,  # type: ignore[assignment]
        first_timeout: float | None = None,
        idle_timeout: float | None = None,
        max_size: int | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> AsyncGenerator[T]:
        """Send a request as `request` does, and return the values of its JSON Lines as they arrive.

        Args:
            method: the HTTP method.
            path: as for `request`, and so are the other arguments.
            into: the type of each value.
            first_timeout: as for `events`, and so are `idle_timeout`, `max_size` and `headers`; blank lines, which
                some servers send as heartbeats, are no values.

        Raises:
            UpstreamError: one of `upstreams.core.errors`.
            ValueError: a limit is no such number.
        """
        limits = ItemLimits("line", first_timeout, idle_timeout, max_size)
        async with self.stream(method, path, headers=_accepting(JSON_LINES[:2], headers), **more) as response:
            call: Call = response.extensions[CALL]
            check_content_type(response, JSON_LINES, call, "read another kind of body by stream()")
            parser = JSONLinesParser(limits.bytes(call.alias), into, call)
            async for value in read_items(response, parser, limits, call):
                yield value


def _accepting(types: tuple[str, ...], headers: Mapping[str, str] | None) -> Mapping[str, str]:
    return {"Accept": ", ".join(types), **(headers or {})}
