"""uvicorn's HTTP/1.1, where clients cannot make a connection hold things without limit.

- `MAX_PIPELINED` requests of a connection may wait while another one runs, and end with the connection.
- A client that reads nothing of its response for `SEND_TIMEOUT` is disconnected.
- No more connections are open than the limit of open files leaves descriptors for: upstreams/asgi/open_files.py.
- The buffers of all connections together have `MAX_TOTAL_BUFFER_SIZE` bytes: upstreams/asgi/buffers.py.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any, cast
from weakref import WeakKeyDictionary, WeakSet

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from upstreams.asgi.buffers import buffers
from upstreams.asgi.heads import MAX_HEADERS, RESPONSE_SIZE
from upstreams.asgi.open_files import connection_limit
from upstreams.asgi.response_transport import ResponseTransport

MAX_PIPELINED = 16
"""Requests of a connection that wait while another one runs."""
REQUEST_SIZE = 8192
"""Bytes that a waiting request is taken for, besides its body."""
SEND_TIMEOUT = 60.0
"""Seconds in which a client must read something of a response."""

_watched: WeakSet[ServerState] = WeakSet()


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which holds so much and no more.

    Attributes:
        running: the request that runs; `cycle` is the last one that has begun to arrive.
    """

    running: RequestResponseCycle | None = None
    pipeline: "Pipeline"

    # As in http_protocol.py: every name of uvicorn's classes is private (0.54), and tests/package/asgi/
    # test_http_protocol.py and test_bounded_protocol.py fail when one that is used here is gone.
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pipeline = Pipeline(self)
        self._head_size = 0
        self.times_resumed = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if connection_limit.is_exceeded(len(self.connections)):
            transport.abort()
        if self.server_state not in _watched:
            _watched.add(self.server_state)
            _watch(self.loop, self.server_state, {})

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._unset_keepalive_if_required()  # uvicorn leaves the timer if the client has reset the connection
        self._drop_requests()

    def handle_websocket_upgrade(self) -> None:
        super().handle_websocket_upgrade()
        self._drop_requests()

    def _drop_requests(self) -> None:
        # uvicorn tells the last request of the disconnect, and keeps those that wait.
        if self.running is not None:
            self.running.disconnected = True
            self.running.message_event.set()
        self.pipeline.clear()
        self.pipeline.connection = None  # a cycle, which only the garbage collector would free
        buffers.forget(self)

    def pause_writing(self) -> None:
        super().pause_writing()
        buffers.grown(self)

    def resume_writing(self) -> None:
        super().resume_writing()
        self.times_resumed += 1

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self.running = cycle
        self._output = ResponseTransport(self.transport, self.loop)
        cycle.transport = cast(Any, self._output)
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        self._output.flush()  # what comes next on this connection goes to its transport
        super().on_response_complete()

    @property
    def buffer_size(self) -> int:
        """Bytes that the connection holds."""
        waiting = sum(REQUEST_SIZE + len(cycle.body) for cycle, _ in self.pipeline)
        unread = self.transport.get_write_buffer_size()
        if unread and self.running is not None:
            # uvloop keeps all of a response until the last byte is sent.
            unread = max(unread, self.running.scope["state"].get(RESPONSE_SIZE, 0))
        return self._head_size + waiting + unread


class Pipeline(deque[Any]):
    """The requests of a connection that wait.

    Args:
        connection: theirs.
    """

    def __init__(self, connection: BoundedProtocol) -> None:
        super().__init__()
        self.connection: BoundedProtocol | None = connection
        self.fault: str | None = None

    def appendleft(self, item: Any) -> None:
        """Add the last one.

        Raises:
            BufferError: there are too many, or it has too many headers. The parser stops there.
        """
        assert self.connection is not None  # nothing arrives on a closed one # noqa: S101 # nosec B101
        if len(self) >= MAX_PIPELINED or len(item[0].scope["headers"]) > MAX_HEADERS:
            self.fault = f"{MAX_PIPELINED} requests may wait, with {MAX_HEADERS} headers each"
            last: RequestResponseCycle = self[0][0] if self else cast(Any, self.connection.running)
            self.connection.cycle = last
            raise BufferError(self.fault)
        super().appendleft(item)
        buffers.grown(self.connection)


def _watch(
    loop: asyncio.AbstractEventLoop, state: ServerState, before: Mapping[BoundedProtocol, tuple[int, int]]
) -> None:
    """Close connections whose clients have read nothing since the last look, as long as there are connections."""
    unread: WeakKeyDictionary[BoundedProtocol, tuple[int, int]] = WeakKeyDictionary()
    for connection in cast(list[BoundedProtocol], [*state.connections]):
        if size := connection.transport.get_write_buffer_size():
            unread[connection] = size, connection.times_resumed
            if before.get(connection) == unread[connection]:
                connection.transport.abort()
    if state.connections:
        loop.call_later(SEND_TIMEOUT, _watch, loop, state, unread)
    else:
        _watched.discard(state)
