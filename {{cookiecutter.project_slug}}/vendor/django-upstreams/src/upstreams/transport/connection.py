"""One connection to an upstream, which carries one exchange after the other.

opened --exchange--> in use --end_exchange--> idle --exchange--> in use ...
                       '--lost, or cannot be reused--> closed <--expired--'
"""

import asyncio
import select
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import cast

from upstreams.transport.framing import UNASKED, ProtocolError
from upstreams.transport.network import has_ended
from upstreams.transport.request import Upload
from upstreams.transport.response import IncomingResponse

HIGH_WATER = 128 * 1024  # bytes of an unread body at which reading from the socket pauses


class ConnectionLost(Exception):
    """The connection ended before the response did; its argument is why, if that is known."""


class Connection(asyncio.Protocol):
    """Sends a request, then reads its response; the next exchange may begin after both.

    A caller that abandons an exchange must close the connection: nothing else tells the next response from this one.

    Args:
        loop: the running event loop.

    Attributes:
        is_open: whether it can be used.
        on_lost: called when its transport has closed.
    """

    transport: asyncio.Transport

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.is_open = self._is_paused = False
        self.on_lost: Callable[[], None] | None = None
        self._loop = loop
        self._response: IncomingResponse | None = None
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._wanted_size = 0
        self._upload: Upload | None = None
        self._can_write = asyncio.Event()
        self._can_write.set()

    async def exchange(
        self, method: str, data: Iterable[bytes], upload: AsyncGenerator[bytes] | None = None, *, whole: bool
    ) -> IncomingResponse:
        """Send a request, and wait for the head of its response.

        Args:
            method: of the request.
            data: the parts of its head, and of its body unless that is streamed.
            upload: the streamed body, framed. The response may begin before it ends.
            whole: wait for the whole body, too, or until `HIGH_WATER` bytes of it have arrived.

        Raises:
            ConnectionLost: the connection ended first.
            ProtocolError: the peer sent something that is not a response.
            Exception: the upload raised it.
        """
        if self._response is not None:
            raise RuntimeError("a connection carries one exchange at a time")
        if not self.is_open:
            raise self._error or ConnectionLost
        response = self._response = IncomingResponse(method)
        for part in data:  # not `writelines`, which asyncio's transports have without flow control
            self.transport.write(part)
        if upload is not None:
            self._upload = Upload(upload, self.transport.write, self._can_write, self._fail)
        try:
            await self._receive(HIGH_WATER if whole else 0)
        except Exception:
            if not response.has_head:
                raise
        return response  # an error in the body is raised where the body is read

    async def read(self, response: IncomingResponse) -> bytes:
        """Return the next part of a body; nothing at its end.

        Raises:
            ConnectionLost: the connection ended first.
            ProtocolError: the peer sent something that is not a body.
        """
        while not response.size:
            if response.is_complete:
                return b""
            if response is not self._response:
                raise ConnectionLost
            await self._receive(1)
        data = response.take()
        if self._is_paused and self.is_open and response is self._response:
            self._is_paused = False
            self._source.resume_reading()
        return data

    async def _receive(self, size: int) -> None:
        """Wait until the response has a head and that many bytes of its body, or is complete."""
        if self._waiter is not None:
            raise RuntimeError("only one task at a time can read a response")
        if self._error is None:
            self._wanted_size = size
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        if self._error is not None:
            raise self._error

    def end_exchange(self) -> bool:
        """Return whether another exchange may follow (RFC 9112 §9.3); otherwise close the connection."""
        response = self._response
        if (
            response is not None
            and response.may_be_followed
            and (self._upload is None or self._upload.is_sent)
            and self.is_open
            and not self._is_paused
            and not self.transport.get_write_buffer_size()
        ):
            self._response = self._upload = None
            return True
        self.close()
        return False

    def is_silent(self) -> bool:
        """Return whether the connection is open with nothing to read, as an idle one must be."""
        return self.is_open and not self._poll.poll(0)

    def close(self) -> None:
        """Close now, and abandon the exchange."""
        self._fail(ConnectionLost())

    def _fail(self, error: Exception) -> None:
        if self._response is None or not self._response.is_complete:
            self._error = self._error or error
        if self._response is not None:
            self._response.stop()
            self._wake()
        if self._upload is not None:
            self._upload.cancel()
        if self.is_open:
            self.is_open = False
            # Not `close`: it waits for a peer that reads nothing, and for the TLS goodbye.
            self.transport.abort()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def connection_made(self, transport: asyncio.BaseTransport, tcp: asyncio.Transport | None = None) -> None:
        """Be open; if the transport is TLS over `tcp`, only if nothing came during its handshake."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's transports have another base class
        # Pauses below TLS: uvloop's discards what it still holds when the peer closes, asyncio's raises an error.
        self._source = tcp or self.transport
        self.is_open = self._error is None
        # Sees bytes, and the end of the stream, that the event loop has not read yet.
        self._poll = select.poll()
        self._poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        if not self.is_open:
            self._error = self._error or ProtocolError(UNASKED)  # once closed, it has no effect
            return
        response = self._response
        try:
            if response is None or (response.is_complete and data.strip(b"\r\n")):
                raise ProtocolError(UNASKED)
            response.feed(data)
        except ProtocolError as error:
            error.data = data[:9]
            self._fail(error)
            return
        if response.is_complete or (response.has_head and response.size >= self._wanted_size):
            self._wake()
        if response.size >= HIGH_WATER and not response.is_complete and not self._is_paused:
            self._is_paused = True
            self._source.pause_reading()

    def eof_received(self) -> None:
        if self._response is not None and self._error is None and has_ended(self.transport):
            self._response.feed_eof()
        self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(ConnectionLost() if exc is None else ConnectionLost(exc))
        if self.on_lost is not None:
            self.on_lost()

    def pause_writing(self) -> None:
        self._can_write.clear()

    def resume_writing(self) -> None:
        self._can_write.set()
