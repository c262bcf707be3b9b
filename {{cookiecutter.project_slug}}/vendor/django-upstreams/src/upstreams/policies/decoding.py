"""Decodes bodies, and reads those that are not streamed up to a limit, counted after decoding."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator

from upstreams.core.call import Call
from upstreams.core.errors import Limit, UpstreamDecodeError, UpstreamResponseTooLarge
from upstreams.core.httpx import Request, Response, Transport, httpx, read_as, stream_of
from upstreams.policies.base import Policy

ACCEPTED = "gzip, deflate"
# A decompression bomb is detected before it has grown, and never blocks the event loop for long.
INPUT_CHUNK_SIZE = 16 * 1024
"""Encoded bytes that are decoded at a time."""
OUTPUT_CHUNK_SIZE = 64 * 1024
"""Decoded bytes that are produced at a time."""


class Decoding(Policy):
    """Decodes bodies: whole ones up to `MAX_RESPONSE_SIZE`, streams without a limit.

    Args:
        inner: the next transport.
        max_body: bytes, decoded.
    """

    def __init__(self, inner: Transport, max_body: int) -> None:
        super().__init__(inner)
        self._max_body = max_body

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        if "Accept-Encoding" not in request.headers:
            request.headers["Accept-Encoding"] = ACCEPTED
        response = await self._inner.handle_async_request(request)
        # Compared as bytes: for text, the library detects the encoding of all headers first.
        if b"content-encoding" in [name.lower() for name, _ in response.headers.raw]:
            encoding = response.headers.pop("Content-Encoding").strip().lower()
            response.headers.pop("Content-Length", None)
            response.stream = DecodedStream(stream_of(response), encoding, call)
        if not call.stream:
            read_as(response, await self._read(stream_of(response), call))
        return response

    async def _read(self, stream: httpx.AsyncByteStream, call: Call) -> bytes:
        if isinstance(stream, httpx.ByteStream):  # small, and complete already
            return self._checked(b"".join(stream), call)
        body = bytearray()
        try:
            async for chunk in stream:
                body += chunk
                self._checked(body, call)
        finally:
            await stream.aclose()
        return bytes(body)

    def _checked[T: (bytes, bytearray)](self, body: T, call: Call) -> T:
        if len(body) > self._max_body:
            limit = Limit("MAX_RESPONSE_SIZE", self._max_body, "bytes")
            what = f"the body is larger than {limit}; stream it, or raise MAX_RESPONSE_SIZE"
            raise UpstreamResponseTooLarge(what, call=call, limit=limit)
        return body


class DecodedStream(httpx.AsyncByteStream):
    """A body without its `Content-Encoding` (RFC 9110 §8.4).

    Args:
        inner: the encoded body.
        encoding: in lower case.
        call: that the body belongs to.
    """

    def __init__(self, inner: httpx.AsyncByteStream, encoding: str, call: Call) -> None:
        self._inner = inner
        self._encoding = encoding
        self._call = call

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._encoding in ("", "identity"):
            async for chunk in self._inner:
                yield chunk
        elif self._encoding in ("gzip", "x-gzip", "deflate"):
            async for chunk in self._inflated():
                yield chunk
        else:
            raise UpstreamDecodeError(f"the body's encoding is none of {ACCEPTED}", call=self._call)

    async def _inflated(self) -> AsyncIterator[bytes]:
        decoder = None
        try:
            async for chunk in self._inner:
                for start in range(0, len(chunk), INPUT_CHUNK_SIZE):
                    data = chunk[start : start + INPUT_CHUNK_SIZE]
                    while data:
                        if decoder is None or decoder.eof:  # gzip may have several members
                            decoder = self._decoder(data[0])
                        for piece in _pieces(decoder, data):
                            yield piece
                            await asyncio.sleep(0)
                        data = decoder.unused_data
                    await asyncio.sleep(0)
        except zlib.error:
            raise UpstreamDecodeError(f"the body is not {self._encoding}", call=self._call) from None
        if decoder is not None and not decoder.eof:
            raise UpstreamDecodeError(f"the {self._encoding} body is truncated", call=self._call)

    def _decoder(self, first: int) -> "zlib._Decompress":
        if self._encoding != "deflate":
            return zlib.decompressobj(31)
        # Some servers send raw deflate, without the zlib header, which begins with an 8.
        return zlib.decompressobj(15 if first & 15 == 8 else -15)

    async def aclose(self) -> None:
        await self._inner.aclose()


def _pieces(decoder: "zlib._Decompress", data: bytes) -> Iterator[bytes]:
    piece = b""
    # The decoder may hold more output after a full piece, even if it has consumed all input.
    while not decoder.eof and (data or len(piece) == OUTPUT_CHUNK_SIZE):
        piece = decoder.decompress(data, OUTPUT_CHUNK_SIZE)
        data = decoder.unconsumed_tail
        if piece:
            yield piece
