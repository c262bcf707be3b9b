"""Writes the head of a request (RFC 9112 §3, §5), frames its body (§6), and sends streamed bodies."""

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Iterable,
)
from contextlib import aclosing

Fields = list[tuple[bytes, bytes]]


def head(method: str, target: bytes, fields: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return the request line and the headers.

    Raises:
        ValueError: one of them contains a character that ends its line.
    """
    lines = [b"%b %b HTTP/1.1" % (method.encode("ascii"), target), *map(b": ".join, fields), b"", b""]
    written = b"\r\n".join(lines)
    breaks = len(lines) - 1
    if written.count(b"\n") != breaks or written.count(b"\r") != breaks or 0 in written:
        raise ValueError("the method, the URL or a header holds a line break or NUL: take it out")
    if lines[0].count(b" ") != 2:
        raise ValueError("the method or the URL holds a space: take it out")
    return written


def sized(given: Iterable[tuple[bytes, bytes]], size: int) -> Fields:
    """Return the headers of a request with a body of that size, whatever length they gave."""
    length: bytes | None = b"%d" % size
    fields: Fields = []
    for name, value in given:
        lower = name.lower()
        if lower == b"content-length":
            if length is not None:
                fields.append((name, length))
            length = None
        elif lower != b"transfer-encoding":
            fields.append((name, value))
    if length is not None and size:
        fields.append((b"Content-Length", length))
    return fields


def streamed(given: Iterable[tuple[bytes, bytes]]) -> tuple[Fields, int | None]:
    """Return the headers of a request with a streamed body, and its size; None if the body is chunked.

    Raises:
        ValueError: `Content-Length` is given twice, or is not a number.
    """
    fields = [(name, value) for name, value in given if name.lower() != b"transfer-encoding"]
    lengths = [value for name, value in fields if name.lower() == b"content-length"]
    if not lengths:
        return [*fields, (b"Transfer-Encoding", b"chunked")], None
    if len(lengths) > 1 or not lengths[0].isdigit():
        raise ValueError("Content-Length must be one number")
    return fields, int(lengths[0])


async def framed(body: AsyncIterable[bytes], size: int | None) -> AsyncGenerator[bytes]:
    """Frame a body: in chunks (§7.1) if its size is unknown.

    Raises:
        ValueError: the body has another size than given.
    """
    chunks = aiter(body)
    try:
        async for data in _chunked(chunks) if size is None else counted(chunks, size):
            yield data
    finally:
        if isinstance(chunks, AsyncGenerator):
            await chunks.aclose()


async def _chunked(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        if chunk:  # an empty one would end the body
            yield b"%x\r\n%b\r\n" % (len(chunk), chunk)
    yield b"0\r\n\r\n"


async def counted(chunks: AsyncIterator[bytes], left: int) -> AsyncIterator[bytes]:
    """Return the parts of a body of that size.

    Raises:
        ValueError: the body has another size.
    """
    async for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            break
        yield chunk
    if left:
        raise ValueError("the length of the body differs from its Content-Length; leave the header out")


class Upload:
    """Sends a streamed body at the pace of the peer, while the response may already arrive.

    Args:
        body: framed.
        write: sends bytes.
        can_write: set while the peer accepts more.
        failed: called with an error that the body raised.

    Attributes:
        is_sent: whether the whole request was sent.
    """

    def __init__(
        self,
        body: AsyncGenerator[bytes],
        write: Callable[[bytes], object],
        can_write: asyncio.Event,
        failed: Callable[[Exception], object],
    ) -> None:
        self.is_sent = False
        self._body = body
        self._write = write
        self._can_write = can_write
        self._failed = failed
        self._task = asyncio.create_task(self._send())

    async def _send(self) -> None:
        try:
            async with aclosing(self._body):
                async for data in self._body:
                    self._write(data)
                    await asyncio.sleep(0)  # a body that never waits would block the event loop
                    await self._can_write.wait()
        except Exception as error:  # noqa: BLE001 - raised where the response is awaited
            self._failed(error)
        else:
            self.is_sent = True

    def cancel(self) -> None:
        """Stop sending."""
        self._task.cancel()
