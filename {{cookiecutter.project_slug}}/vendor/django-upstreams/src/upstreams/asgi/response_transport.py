"""Sends the head of a response together with the first part of its body: one system call, and one segment."""

import asyncio

LARGE_PART = 64 * 1024
"""Bytes of a body that are sent after the head, not joined to it: copying them would take longer than a second call."""


class ResponseTransport:
    """What the cycle of a request writes to, in place of the transport of its connection.

    The head waits for the next write, but no longer than until the event loop has run all that is ready now: a stream
    may have nothing to send for a while.

    Args:
        transport: of the connection.
        loop: that runs it.
    """

    __slots__ = ("_has_begun", "_head", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head: bytes | None = None
        self._has_begun = False

    def write(self, data: bytes) -> None:
        """Send data, but keep what comes first: the head, or the line before it that says 100 Continue."""
        head = self._head
        if head is not None:
            self._head = None
            if len(data) < LARGE_PART:
                self._transport.write(head + data)
            else:
                self._transport.write(head)
                self._transport.write(data)
        elif self._has_begun:
            self._transport.write(data)
        else:
            self._has_begun = True
            self._head = data
            self._loop.call_soon(self.flush)

    def flush(self) -> None:
        """Send the head if it is still here: the response has no body, or a later one."""
        if self._head is not None:
            head, self._head = self._head, None
            if not self._transport.is_closing():
                self._transport.write(head)

    def is_closing(self) -> bool:
        """Return whether nothing can be sent any more."""
        return self._transport.is_closing()

    def close(self) -> None:
        """Close the connection once all is sent."""
        self.flush()
        self._transport.close()
