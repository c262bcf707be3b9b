"""One connection to an upstream, which carries one exchange after the other."""

import asyncio
import select
from collections.abc import AsyncGenerator, Callable
from typing import cast

from services.core.http1.answer import Answer, NotHTTP
from services.core.http1.request import Upload

HIGH_WATER = 128 * 1024
"""Bytes of a body that may wait to be read: beyond them, nothing more is taken from the socket."""


class ConnectionLost(Exception):
    """The connection ended before the answer did."""


class Connection(asyncio.Protocol):
    """Sends a request, then reads its answer; only after both may the next exchange begin.

    Whoever gives up an exchange has to close the connection: nothing else tells answers apart.

    Args:
        loop: the running one.

    Attributes:
        is_open: whether it can be used.
        on_lost: called when its transport is closed.
    """

    transport: asyncio.Transport

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.is_open = False
        self.on_lost: Callable[[], None] | None = None
        self._loop = loop
        self._answer: Answer | None = None
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._enough = 0
        self._upload: Upload | None = None
        self._is_paused = False
        self._can_write = asyncio.Event()
        self._can_write.set()

    async def exchange(
        self, method: str, data: bytes, upload: AsyncGenerator[bytes] | None = None, *, whole: bool
    ) -> Answer:
        """Send a request, and wait for its answer: for the head alone, or until the body is worth reading.

        Args:
            method: of the request.
            data: its head, and its body unless that is streamed.
            upload: the rest, as it is to be sent. The answer may come before it has ended.
            whole: wait for the whole body, if it fits into `HIGH_WATER` bytes.

        Raises:
            ConnectionLost: before that.
            NotHTTP: what came is no answer.
            Exception: what the upload raised.
        """
        if self._answer is not None:
            raise RuntimeError("a connection carries one exchange at a time")
        if not self.is_open:
            raise self._error or ConnectionLost
        answer = self._answer = Answer(method)
        self.transport.write(data)
        if upload is not None:
            self._upload = Upload(upload, self.transport.write, self._can_write, self._fail)
        try:
            await self._more(HIGH_WATER if whole else 0)
        except Exception:
            if not answer.has_head:
                raise
        return answer  # what went wrong in its body, its reader will learn

    async def read(self, answer: Answer) -> bytes:
        """The next part of a body; nothing at its end.

        Raises:
            ConnectionLost: before its end.
            NotHTTP: what came is no body.
            Exception: what the upload raised.
        """
        while not answer.size:
            if answer.is_complete:
                return b""
            if answer is not self._answer:
                raise ConnectionLost
            await self._more(1)
        data = answer.take()
        if self._is_paused and self.is_open and answer is self._answer:
            self._is_paused = False
            self.transport.resume_reading()
        return data

    async def _more(self, enough: int) -> None:
        if self._waiter is not None:
            raise RuntimeError("an answer is read by one task at a time")
        if self._error is None:
            self._enough = enough
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        if self._error is not None:
            raise self._error

    def release(self) -> bool:
        """End the exchange; returns whether another one may follow, else the connection is closed (§9.3)."""
        answer = self._answer
        if (
            answer is not None
            and answer.may_be_followed
            and (self._upload is None or self._upload.is_sent)
            and self.is_open
            and not self._is_paused
            and not self.transport.get_write_buffer_size()
        ):
            self._answer = self._upload = None
            return True
        self.close()
        return False

    def is_quiet(self) -> bool:
        """Whether there is nothing to read, not even its end: while idle, the other side has nothing to say."""
        return self.is_open and not self._poll.poll(0)

    def close(self) -> None:
        """Close now, whatever is under way. What is not complete by then will never be."""
        self._fail(ConnectionLost())

    def _fail(self, error: Exception) -> None:
        if self._answer is None or not self._answer.is_complete:
            self._error = self._error or error
        if self._answer is not None:
            self._answer.stop()
            self._wake()
        if self._upload is not None:
            self._upload.cancel()
        if self.is_open:
            self.is_open = False
            # Not `close`, which would wait for a peer that reads nothing, or until TLS has said goodbye.
            self.transport.abort()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's are none by their class
        self.is_open = True
        # Bytes, or the end, that the loop has not read yet.
        self._poll = select.poll()
        self._poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        if not self.is_open:
            return
        answer = self._answer
        try:
            if answer is None or answer.is_complete:  # nobody has asked for it
                raise NotHTTP
            answer.feed(data)
        except NotHTTP as error:
            self._fail(error)
            return
        if answer.is_complete or (answer.has_head and answer.size >= self._enough):
            self._wake()
        if answer.size >= HIGH_WATER and not answer.is_complete and not self._is_paused:
            self._is_paused = True
            self.transport.pause_reading()

    def eof_received(self) -> None:
        self._ended()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is None:
            self._ended()
        else:
            self.close()
        if self.on_lost is not None:
            self.on_lost()

    def _ended(self) -> None:
        answer = self._answer
        if answer is not None and not answer.is_complete and self._error is None:
            answer.feed_eof()
            if answer.is_complete:
                self._wake()
        self.close()

    def pause_writing(self) -> None:
        self._can_write.clear()

    def resume_writing(self) -> None:
        self._can_write.set()
