"""How far one request has come on its way through the HTTP library, which raises the same errors everywhere."""

import asyncio
from typing import Any

from upstreams.core.call import Call
from upstreams.transport.pool import Origin


class Attempt:
    """One request, and the connection that it uses.

    Args:
        call: that it belongs to.
        origin: that it goes to.
        peer: the origin, or the proxy before it.
        timer: ends the block in which it is sent.
        connect_timeout: seconds for name, socket, TLS and proxy together.

    Attributes:
        is_reached: whether a socket was connected for it.
        is_sent: whether any of the request itself may have been sent.
        is_http2: whether it shares its connection with others.
        is_shared: whether other requests were on their way when it began, perhaps over the same connection.
        reused: whether the connection had served another request before.
        stream: the connection that it has used last.
    """

    def __init__(
        self, call: Call, origin: Origin, peer: Origin, timer: asyncio.Timeout, connect_timeout: float
    ) -> None:
        self.call = call
        self.origin = origin
        self.peer = peer
        self.is_reached = self.is_sent = self.is_http2 = self.is_shared = False
        self.reused = True
        self._stream: Any = None
        self._timer = timer
        self._connect_timeout = connect_timeout

    @property
    def may_be_stale(self) -> bool:
        """Whether a connection that is lost may have ended while nobody used it, which is no fault of the upstream."""
        return self.reused and not self.is_shared

    @property
    def stream(self) -> Any:
        return self._stream

    @stream.setter
    def stream(self, stream: Any) -> None:
        self.is_reached = True
        self._stream = stream

    def begin_to_connect(self) -> None:
        """Begin the time of `CONNECT_TIMEOUT`."""
        self.reused = self.is_reached = False
        self._timer.reschedule(asyncio.get_running_loop().time() + self._connect_timeout)

    async def trace(self, event: str, info: dict[str, Any]) -> None:
        """Receive from the library each of its steps, such as `http11.send_request_headers.started`."""
        if self.is_sent or not event.endswith(".send_request_headers.started"):
            return
        if info["request"].method != b"CONNECT" or self.call.method == "CONNECT":
            self.is_sent = True
            self.is_http2 = event.startswith("http2.")
            self._timer.reschedule(None)
