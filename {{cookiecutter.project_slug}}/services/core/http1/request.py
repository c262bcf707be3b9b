"""Writes the head of a request (RFC 9112 §3, §5), frames its body (§6), and sends what is streamed of it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable
from contextlib import aclosing

Fields = list[tuple[bytes, bytes]]


def head(method: str, target: bytes, fields: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The request line and the headers.

    Raises:
        ValueError: one of them would end its line, and begin another.
    """
    lines = [b"%b %b HTTP/1.1" % (method.encode("ascii"), target)]
    lines += [b"%b: %b" % field for field in fields]
    written = b"\r\n".join(lines) + b"\r\n\r\n"
    breaks = len(lines) + 1
    if written.count(b"\n") != breaks or written.count(b"\r") != breaks or b"\0" in written:
        raise ValueError("the method, the URL or a header holds a line break or NUL: take it out")
    if lines[0].count(b" ") != 2:
        raise ValueError("the method or the URL holds a space: take it out")
    return written


def sized(given: Iterable[tuple[bytes, bytes]], size: int) -> Fields:
    """The headers of a request whose body has so many bytes, whatever they said of it."""
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
    """The headers of a request whose body is on its way, and its size if they say so; else it is chunked.

    Raises:
        ValueError: they say it twice, or not as a number.
    """
    fields = [(name, value) for name, value in given if name.lower() != b"transfer-encoding"]
    lengths = [value for name, value in fields if name.lower() == b"content-length"]
    if not lengths:
        return [*fields, (b"Transfer-Encoding", b"chunked")], None
    if len(lengths) > 1 or not lengths[0].isdigit():
        raise ValueError("Content-Length has to be one number")
    return fields, int(lengths[0])


async def framed(body: AsyncIterable[bytes], size: int | None) -> AsyncGenerator[bytes]:
    """A body as it is sent: in chunks (§7.1) if nobody knows its size.

    Raises:
        ValueError: it has another size than was said.
    """
    chunks = aiter(body)
    try:
        async for data in _chunked(chunks) if size is None else _counted(chunks, size):
            yield data
    finally:
        if isinstance(chunks, AsyncGenerator):
            await chunks.aclose()


async def _chunked(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        if chunk:  # an empty one would end the body
            yield b"%x\r\n%b\r\n" % (len(chunk), chunk)
    yield b"0\r\n\r\n"


async def _counted(chunks: AsyncIterator[bytes], left: int) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            break
        yield chunk
    if left:
        raise ValueError("the body has another length than its Content-Length says")


class Upload:
    """Sends a streamed body at the pace of the other side, while its answer may already come.

    Args:
        body: as it is sent.
        write: sends bytes.
        can_write: set while the other side takes more.
        failed: called with what the body raised.

    Attributes:
        is_sent: whether the other side has the whole request.
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
                    await asyncio.sleep(0)  # a body that is in memory would let nobody else run
                    await self._can_write.wait()
        except Exception as error:  # noqa: BLE001 - it is the caller's
            self._failed(error)
        else:
            self.is_sent = True

    def cancel(self) -> None:
        """Send no more of it."""
        self._task.cancel()
