"""Parses a response from the bytes of a connection (RFC 9112); it knows nothing of the connection itself."""

from typing import cast

from httptools import HttpParserError, HttpResponseParser

from upstreams.transport import framing, heads
from upstreams.transport.framing import ProtocolError, UnreadField

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
        "_mender",
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
        self._mender: heads.Mender | None = None
        self._parser: HttpResponseParser | None = framing.new_parser(self)

    def feed(self, data: bytes) -> None:
        """Parse bytes from the connection.

        Raises:
            ProtocolError: they are not valid, or the head is too large. Feed no more after that.
        """
        if self._parser is None:
            if data.strip(b"\r\n"):  # the parser skips empty lines, too
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
                raise self._refused(ProtocolError())
        if self._head is not None:
            self._head.append(data)
        refusal = None
        try:
            if self._mender is None:
                self._parser.feed_data(data)
            else:
                self._mend(self._mender, data)
        except HttpParserError as error:
            refusal = error
        if refusal is not None:  # not in the block above: errors below would have this one as their context
            self._judge(refusal)
        if self._overhead > heads.MAX_HEAD_SIZE and not self.is_complete:
            raise self._refused(heads.too_large(self._head))

    def _judge(self, error: HttpParserError) -> None:
        """Refuse what the parser cannot read, unless it follows the response, or its head can be mended."""
        cause = error.__context__  # of a method of ours that the parser has called
        if self.is_complete:
            self.has_excess = True
        elif isinstance(cause, ProtocolError):
            raise self._refused(cause) from None
        elif self._head is None:
            raise self._refused(heads.unread(error, is_body=self.has_head)) from None
        else:
            self._mender = heads.Mender()
            self._mend(self._mender, b"".join(self._head))

    def _mend(self, mender: heads.Mender, data: bytes) -> None:
        """Begin again with a mended head, when it is complete."""
        try:
            mended = mender.feed(data)
        except ProtocolError as error:
            raise self._refused(error) from None
        if mended is not None:
            self.stop()
            self._mender, self._head, self._overhead = None, None, 0
            self.fields, self.reason = [], b""
            self._parser = framing.new_parser(self)
            self.feed(mended)

    def _refused(self, error: ProtocolError) -> ProtocolError:
        self.stop()
        return error

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
                raise ProtocolError(f"status {status}, which was not asked for")
            if self._head is not None:
                raise UnreadField  # the parser would take RTSP and ICE after it
            self.fields, self.reason = [], b""
            return
        self.status = status
        version = parser.get_http_version()
        heads.check(version, self.fields, self._overhead)
        if self._without_body:  # it ends here, whatever it says of the body of a GET (RFC 9112 §6.3)
            self.keeps_alive = framing.asks_to_stay(version, self.fields)
        else:
            self.keeps_alive = parser.should_keep_alive()
        if framing.is_chunked(self.fields):
            if version == "1.0" or framing.has_length(self.fields):
                self.keeps_alive = False  # another reader may see another end (§6.1, §6.3)
            # In chunks, a bare LF may be read as the end of a line or as data.
            parser.set_dangerous_leniencies(lenient_optional_cr_before_lf=False)
        self.fields = [(name, value.rstrip(b" \t")) for name, value in self.fields]
        self._overhead, self._head, self.has_head = 0, None, True
        if self._without_body:
            self._finish()

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
