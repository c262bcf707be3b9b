"""Bodies of requests: which can be sent again byte for byte, and the files of multipart forms."""

import io
import os
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any

from upstreams.core.httpx import Request, httpx


class FilePart:
    """A file of a form, from its position on; the HTTP library alone would rewind it to its start.

    Args:
        file: opened for reading bytes.

    Attributes:
        name: of the file.
        is_seekable: whether it can be read again.
    """

    # It has no `fileno`: the library would take the size of a pipe, or of a compressed file, for the body's.

    def __init__(self, file: Any) -> None:
        self.name = getattr(file, "name", "upload")
        self._file = file
        self._start = _position(file)
        self.is_seekable = self._start is not None

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._file.read(size)
        return data

    def tell(self) -> int:
        """Return how many bytes have been read."""
        if self._start is None:
            raise io.UnsupportedOperation("tell")
        position: int = self._file.tell()
        return max(0, position - self._start)  # it may stand beyond its end

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move; an offset from the start counts from the position at which the file was given.

        Raises:
            UnsupportedOperation: the file cannot be read again, or its end cannot be sought.
        """
        if self._start is None:
            raise io.UnsupportedOperation("seek")
        try:
            self._file.seek(offset + self._start if whence == os.SEEK_SET else offset, whence)
        except ValueError as error:  # GzipFile, which would have to read all of it to know its end
            raise io.UnsupportedOperation("seek") from error
        return self.tell()


class Form(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A multipart form.

    Args:
        inner: the form as the HTTP library encodes it.
        is_seekable: whether all of its files can be read again.
    """

    def __init__(self, inner: Any, *, is_seekable: bool) -> None:
        self._inner = inner
        self.is_seekable = is_seekable

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._inner)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._inner:
            yield chunk


def form_request(
    method: str, url: Any, files: Mapping[str, Any] | Iterable[tuple[str, Any]], **more: Any
) -> Request:
    """Return a request with a multipart form, whose files are sent from where they stand."""
    parts: list[FilePart] = []
    fields = [
        (name, _with_part(value, parts))
        for name, value in (files.items() if isinstance(files, Mapping) else files)
    ]
    request = Request(method, url, files=fields, **more)
    request.stream = Form(request.stream, is_seekable=all(part.is_seekable for part in parts))
    return request


def is_empty(request: Request) -> bool:
    """Return whether a request has no body."""
    return isinstance(request.stream, httpx.ByteStream) and not any(request.stream)


def can_be_sent_again(request: Request) -> bool:
    """Return whether the body would be the same, byte for byte, although it may have been sent already."""
    stream = request.stream
    # The type itself: a class of the caller's own may read from anything.
    return type(stream) is httpx.ByteStream or (isinstance(stream, Form) and stream.is_seekable)


def _with_part(value: Any, parts: list[FilePart]) -> Any:
    if isinstance(value, tuple):
        name, file, *more = value
        return (name, _part(file, parts), *more)
    return _part(value, parts)


def _part(file: Any, parts: list[FilePart]) -> Any:
    if isinstance(file, io.TextIOBase) or not hasattr(file, "read"):
        return file  # text, bytes, or what the library refuses
    parts.append(FilePart(file))
    return parts[-1]


def _position(file: Any) -> int | None:
    """Return where a file stands; None if it can be read only once."""
    try:
        if hasattr(file, "seekable") and not file.seekable():
            return None
        position: int = file.tell()
        file.seek(position)
    except (AttributeError, OSError, ValueError):
        return None
    return position
