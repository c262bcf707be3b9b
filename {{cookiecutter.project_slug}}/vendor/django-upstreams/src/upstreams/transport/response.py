"""Parses a response from the bytes of a connection (RFC 9112); it knows nothing of the connection itself."""

from typing import cast

from httptools import HttpParserError, HttpResponseParser

from upstreams.transport import framing
from upstreams.transport.framing import ProtocolError

MAX_HEAD_SIZE = 64 * 1024
"""Bytes of a head, and of what is neither head nor body: trailers, chunk extensions."""
MAX_FIELDS = 128
VERSIONS = ("1.1", "1.0")
PROTOCOL = b"HTTP/"


class IncomingResponse:
    """The response to one request, with a parser of its own, so that no state carries over to the next.

    Args:
        method: of the request: the responses to HEAD and CONNECT have no body.

    Attributes:
        status: the final one; interim responses, below 200, are skipped.
        reason: the reason phrase, as received.
        fields: the headers, as received; trailers are dropped.
        has_head: whether status and fields are known.
        size: bytes of the body that have not been taken.
        is_complete: whether the whole body has arrived.
        keeps_alive: whether the peer keeps the connection open.
        has_excess: whether bytes followed the response.
    """

    __slots__ = (
        "_chunks",
        "_head",
        "_is_repairing",
        "_overhead",
        "_parser",
        "_start",
        "_without_body",
        "fields",
        "has_excess",
        "has_head",
        "is_complete",
        "keeps_alive",
        "reason",
        "size",
        "status",
    )

    def __init__(self, method: str) -> None:
        self.status = 0
        self.reason = b""
        self.fields: list[tuple[bytes, bytes]] = []
        self.has_head = self.is_complete = self.keeps_alive = self.has_excess = False
        self.size = 0
        self._chunks: list[bytes] = []
        self._overhead = 0
        self._start = b""
        self._without_body = method in ("HEAD", "CONNECT")
        self._head: list[bytes] | None = []  # what has come, until the head is complete
        self._is_repairing = False
        self._parser: HttpResponseParser | None = framing.new_parser(self)

    def feed(self, data: bytes) -> None:
        """Parse bytes from the connection.

        Raises:
            ProtocolError: they are not valid, or the head is too large. Feed no more after that.
        """
        if self._parser is None:
            self.has_excess = True
            return
        if self._without_body and len(lines := data.splitlines(keepends=True)) > 1:
            for line in lines:  # in the same bytes, the parser would take what follows the head for a body
                self.feed(line)
            return
        self._overhead += len(data)
        if len(self._start) < len(PROTOCOL):  # the parser takes RTSP and ICE, too
            self._start = (self._start + data).lstrip(b"\r\n")[: len(PROTOCOL)]
            if not PROTOCOL.startswith(self._start):
                self.stop()
                raise ProtocolError
        if self._head is not None:
            self._head.append(data)
        try:
            if self._is_repairing:
                self._repair()
            else:
                self._parser.feed_data(data)
        except HttpParserError as error:
            if self.is_complete:
                self.has_excess = True
            elif self._head is not None and "Content-Length" in str(error):
                self._is_repairing = True
                self._repair()
            else:
                self.stop()
                raise ProtocolError from None
        if self._overhead > MAX_HEAD_SIZE and not self.is_complete:
            self.stop()
            raise ProtocolError

    def _repair(self) -> None:
        """Begin again with one `Content-Length`, when the head is complete: the parser refuses one that is repeated."""
        data = framing.with_one_length(b"".join(self._head or []))
        if data == b"":
            return
        self.stop()
        if data is None:
            raise ProtocolError
        self._is_repairing, self._head, self._overhead = False, None, 0
        self.fields, self.reason = [], b""
        self._parser = framing.new_parser(self)
        self.feed(data)

    def feed_eof(self) -> None:
        """End the body of a response without a length, which ends with its connection (§6.3)."""
        if self.has_head and not framing.has_framing(self.fields):
            self._finish()

    @property
    def may_be_followed(self) -> bool:
        """Whether the connection can carry another response, unmistakably apart from this one."""
        return self.is_complete and self.keeps_alive and not self.has_excess

    def take(self) -> bytes:
        """Return what has arrived of the body since the last call."""
        chunks, self._chunks, self.size = self._chunks, [], 0
        return b"".join(chunks)

    def stop(self) -> None:
        """Stop parsing. This breaks the reference cycle of parser and response, which would outlive the call."""
        self._parser = None

    def on_message_begin(self) -> None:
        if self.is_complete:
            raise ProtocolError

    def on_status(self, part: bytes) -> None:
        self.reason += part

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.has_head:
            self.fields.append((name, value))

    def on_headers_complete(self) -> None:
        parser = cast(HttpResponseParser, self._parser)  # it calls this method
        status = parser.get_status_code()
        if status < 200:
            if status < 100 or status == 101:
                raise ProtocolError
            self.fields = []
            self.reason = b""
            return
        self.status = status
        self.keeps_alive = parser.should_keep_alive()
        version = parser.get_http_version()
        if self._without_body:  # it ends here, whatever it says of the body of a GET (RFC 9112 §6.3)
            self.keeps_alive = framing.asks_to_stay(version, self.fields)
        self._check(version)
        self.fields = [(name, value.rstrip(b" \t")) for name, value in self.fields]
        self._overhead = 0
        self._head = None
        self.has_head = True
        if self._without_body:
            self._finish()

    def _check(self, version: str) -> None:
        if version not in VERSIONS or len(self.fields) > MAX_FIELDS:
            raise ProtocolError
        if (
            self._overhead > MAX_HEAD_SIZE
            and sum(len(name) + len(value) for name, value in self.fields) > MAX_HEAD_SIZE
        ):
            raise ProtocolError
        if framing.is_chunked(self.fields):
            if version == "1.0":  # the framing is unclear (§6.1)
                self.keeps_alive = False
            # In chunks, a bare LF may be read as the end of a line or as data; a length among the trailers is no length.
            parser = cast(HttpResponseParser, self._parser)
            parser.set_dangerous_leniencies(lenient_optional_cr_before_lf=False, lenient_chunked_length=True)

    def on_body(self, data: bytes) -> None:
        if self.is_complete:
            self.has_excess = True
            return
        self._overhead = 0
        self._chunks.append(data)
        self.size += len(data)

    def on_message_complete(self) -> None:
        if self.has_head:
            self._finish()

    def _finish(self) -> None:
        self.is_complete = True
        self.stop()
