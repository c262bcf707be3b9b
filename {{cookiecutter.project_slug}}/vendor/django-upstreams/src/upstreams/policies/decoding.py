"""Decodes bodies, and reads those that are not streamed up to a limit, counted after decoding."""

import asyncio
from collections.abc import AsyncIterator, Iterator

from upstreams.core.call import Call
from upstreams.core.errors import Limit, UpstreamDecodeError, UpstreamResponseTooLarge
from upstreams.core.extras import needed
from upstreams.core.http_messages import has_header, items_of
from upstreams.core.httpx import (
    ReadStream,
    Request,
    Response,
    Transport,
    httpx,
    mark_read,
    media_type,
    read_as,
    stream_of,
)
from upstreams.policies import codings
from upstreams.policies.base import Policy
from upstreams.policies.codings import CODINGS, Coding, Decoder

ACCEPTED = ", ".join(CODINGS)
ACCEPT_ENCODING = b"Accept-Encoding", b"accept-encoding", ACCEPTED.encode()
ENCODINGS = {*CODINGS, *codings.EXTRAS, *codings.UNKNOWN}
READ_WHOLE = {
    "",
    "application/json",
    "application/xml",
    "application/x-www-form-urlencoded",
    "text/html",
    "text/plain",
    "text/xml",
}
"""Types of a body that no SDK streams; of any other one, its caller may want to see the parts as they come."""
WITHOUT_BODY = {204, 304}
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
        if not has_header(request.headers, b"accept-encoding"):
            items_of(request.headers).append(ACCEPT_ENCODING)
        response = await self._inner.handle_async_request(request)
        if call.stream is None and _becomes_stream(response, call):
            return response  # the library of the SDK decodes it, or nobody does
        if has_header(response.headers, b"content-encoding"):
            decode(request, response, call)
        if call.stream:
            return response
        stream = response.stream
        if isinstance(stream, ReadStream):  # small, and complete already
            self._checked(stream.content, call)
            mark_read(response, stream, call.began)
        else:
            read_as(response, await self._read(response, call), call.began)
        return response

    async def _read(self, response: Response, call: Call) -> bytes:
        stream = stream_of(response)
        if isinstance(stream, httpx.ByteStream):  # of another transport, or of a mock
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


def _becomes_stream(response: Response, call: Call) -> bool:
    """Return whether the caller of an SDK has to read the body itself, and note it.

    A whole body of text or JSON is read here, within deadline and retries; what is sent as it comes into being, or is
    as large as a file, cannot be. What is not a success is retried or raised: it is read.
    """
    if not response.is_success:
        return False
    kind = media_type(response)
    if kind in READ_WHOLE or kind.endswith(("+json", "+xml")):
        return False
    call.stream = True
    return True


def decode(request: Request, response: Response, call: Call) -> None:
    """Decode the body of a response while it is read, and drop the headers that are then wrong."""
    if request.method == "HEAD" or response.status_code in WITHOUT_BODY:
        return  # the headers are those of the body of a GET
    words = [word.strip() for word in response.headers["Content-Encoding"].lower().split(",")]
    names = [codings.ALIASES.get(word, word) for word in words]
    names = [name for name in names if name in ENCODINGS]
    coding = CODINGS.get(names[0]) if len(names) == 1 else None
    if coding is not None or (names and response.is_success):
        response.stream = DecodedStream(stream_of(response), names, coding, call)
        response.headers.pop("Content-Encoding")
        response.headers.pop("Content-Length", None)


class DecodedStream(httpx.AsyncByteStream):
    """A body without its `Content-Encoding` (RFC 9110 §8.4).

    Args:
        inner: the encoded body.
        names: of its codings, in the order in which they were applied.
        coding: the only one of them; None if it cannot be decoded.
        call: that the body belongs to.
    """

    def __init__(
        self, inner: httpx.AsyncByteStream, names: list[str], coding: Coding | None, call: Call
    ) -> None:
        self._inner = inner
        self._names = names
        self._coding = coding
        self._call = call

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._refused() if self._coding is None else self._decoded(self._coding):
            yield chunk

    async def _refused(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            if chunk:  # nothing has no coding
                what = f"the body's encoding is none of {ACCEPTED}"
                if len(self._names) == 1 and (extra := codings.EXTRAS.get(self._names[0])):
                    what = f"the body's encoding is {self._names[0]}; {needed(self._names[0], extra)}"
                raise UpstreamDecodeError(what, call=self._call)
            yield chunk

    async def _decoded(self, coding: Coding) -> AsyncIterator[bytes]:
        decoder = None
        is_over = False
        try:
            async for chunk in self._inner:
                for start in range(0, len(chunk), INPUT_CHUNK_SIZE):
                    data = chunk[start : start + INPUT_CHUNK_SIZE]
                    while data and not is_over:
                        if decoder is None:
                            decoder = coding.begin(data[0])
                        elif decoder.eof:
                            following = coding.go_on(data[0])
                            if following is None:
                                is_over = True  # what follows is padding, which other clients ignore, too
                                break
                            decoder = following
                        for piece in _pieces(decoder, data):
                            yield piece
                            await asyncio.sleep(0)
                        data = decoder.unused_data
                    await asyncio.sleep(0)
        except coding.error:
            raise UpstreamDecodeError(f"the body is not {self._names[0]}", call=self._call) from None
        if decoder is not None and not decoder.eof:
            raise UpstreamDecodeError(f"the {self._names[0]} body is truncated", call=self._call)

    async def aclose(self) -> None:
        await self._inner.aclose()


def _pieces(decoder: Decoder, data: bytes) -> Iterator[bytes]:
    piece = b""
    # The decoder may hold more output after a full piece, even if it has consumed all input.
    while not decoder.eof and (data or len(piece) >= OUTPUT_CHUNK_SIZE):
        piece = decoder.decompress(data, OUTPUT_CHUNK_SIZE)
        data = decoder.unconsumed_tail
        if piece:
            yield piece
