"""Decodes bodies, and reads those that are not streamed up to a limit, counted after decoding."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator

from upstreams.core.call import Call
from upstreams.core.errors import Limit, UpstreamDecodeError, UpstreamResponseTooLarge
from upstreams.core.httpx import Request, Response, Transport, httpx, read_as, stream_of
from upstreams.policies.base import Policy

ACCEPTED = "gzip, deflate"
DECODED = {"gzip", "x-gzip", "deflate"}
UNKNOWN = {"br", "zstd", "compress", "x-compress", "dcb", "dcz", "exi", "pack200-gzip", "aes128gcm"}
"""Registered codings that are not decoded. Any other word is no coding, such as `identity`, `UTF-8`, `aws-chunked`."""
WITHOUT_BODY = {204, 304}
# A decompression bomb is detected before it has grown, and never blocks the event loop for long.
INPUT_CHUNK_SIZE = 16 * 1024
"""Encoded bytes that are decoded at a time."""
OUTPUT_CHUNK_SIZE = 64 * 1024
"""Decoded bytes that are produced at a time."""
GZIP_MAGIC = 0x1F
"""The first byte of a member of gzip; a body may have several (RFC 1952 §2.2)."""


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
            _decode(request, response, call)
        if not call.stream:
            read_as(response, await self._read(response, call), call.began)
        return response

    async def _read(self, response: Response, call: Call) -> bytes:
        stream = stream_of(response)
        if isinstance(stream, httpx.ByteStream):  # small, and complete already
            return self._checked(b"".join(stream), call)
        body = bytearray()
        try:
            async for chunk in stream:
                body += chunk
                self._checked(body, call)
        except UpstreamDecodeError:
            if response.is_success:  # any other status says more than its body
                raise
        finally:
            await stream.aclose()
        return bytes(body)

    def _checked[T: (bytes, bytearray)](self, body: T, call: Call) -> T:
        if len(body) > self._max_body:
            limit = Limit("MAX_RESPONSE_SIZE", self._max_body, "bytes")
            what = f"the body is larger than {limit}; stream it, or raise MAX_RESPONSE_SIZE"
            raise UpstreamResponseTooLarge(what, call=call, limit=limit)
        return body


def _decode(request: Request, response: Response, call: Call) -> None:
    """Decode the body while it is read, and drop the headers that are then wrong."""
    if request.method == "HEAD" or response.status_code in WITHOUT_BODY:
        return  # the headers are those of the body of a GET
    words = [word.strip() for word in response.headers["Content-Encoding"].lower().split(",")]
    codings = [word for word in words if word in DECODED or word in UNKNOWN]
    can_decode = len(codings) == 1 and codings[0] in DECODED
    if can_decode or (codings and response.is_success):
        response.stream = DecodedStream(stream_of(response), codings[0] if can_decode else "", call)
        response.headers.pop("Content-Encoding")
        response.headers.pop("Content-Length", None)


class DecodedStream(httpx.AsyncByteStream):
    """A body without its `Content-Encoding` (RFC 9110 §8.4).

    Args:
        inner: the encoded body.
        encoding: gzip, x-gzip or deflate; empty if it cannot be decoded.
        call: that the body belongs to.
    """

    def __init__(self, inner: httpx.AsyncByteStream, encoding: str, call: Call) -> None:
        self._inner = inner
        self._encoding = encoding
        self._call = call

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inflated() if self._encoding else self._refused():
            yield chunk

    async def _refused(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            if chunk:  # nothing has no coding
                raise UpstreamDecodeError(f"the body's encoding is none of {ACCEPTED}", call=self._call)
            yield chunk

    async def _inflated(self) -> AsyncIterator[bytes]:
        decoder = None
        is_over = False
        try:
            async for chunk in self._inner:
                for start in range(0, len(chunk), INPUT_CHUNK_SIZE):
                    data = chunk[start : start + INPUT_CHUNK_SIZE]
                    while data and not is_over:
                        if decoder is None or decoder.eof:
                            if decoder is not None and not self._has_another(data[0]):
                                is_over = True  # what follows is padding, which other clients ignore, too
                                break
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

    def _has_another(self, first: int) -> bool:
        return self._encoding != "deflate" and first == GZIP_MAGIC

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
