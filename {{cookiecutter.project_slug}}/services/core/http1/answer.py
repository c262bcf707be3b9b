"""Reads an answer from the bytes of a connection (RFC 9112), without touching the connection."""

from typing import cast

from httptools import HttpParserError, HttpResponseParser

MAX_HEAD = 64 * 1024
"""Bytes of a head, and of all that follows it without being body: trailers, extensions of chunks."""
MAX_FIELDS = 128
VERSIONS = ("1.1", "1.0")


class NotHTTP(Exception):
    """What came is no answer, or none that can be told apart from what follows."""


class Answer:
    """The answer to one request. A parser of its own sees to it that nothing of one is left for the next.

    Args:
        method: of the request: there is no body for HEAD, and none of HTTP's for CONNECT.

    Attributes:
        status: the final one; those below 200 are skipped.
        fields: the headers, as they came; trailers are dropped.
        has_head: whether status and fields are known.
        size: bytes of the body that wait to be taken.
        is_complete: whether the body is, too.
        keeps_alive: whether its connection is to stay open.
        has_excess: whether more came than one answer.
    """

    __slots__ = (
        "_chunks",
        "_overhead",
        "_parser",
        "_without_body",
        "fields",
        "has_excess",
        "has_head",
        "is_complete",
        "keeps_alive",
        "size",
        "status",
    )

    def __init__(self, method: str) -> None:
        self.status = 0
        self.fields: list[tuple[bytes, bytes]] = []
        self.has_head = self.is_complete = self.keeps_alive = self.has_excess = False
        self.size = 0
        self._chunks: list[bytes] = []
        self._overhead = 0
        self._without_body = method in ("HEAD", "CONNECT")
        self._parser: HttpResponseParser | None = HttpResponseParser(self)
        # As clients do: a bare LF (RFC 9112 §2.2), spaces after the size of a chunk. Not what `lenient_headers`
        # allows, a space before the colon among it: then others see another length of the body than we do.
        self._parser.set_dangerous_leniencies(
            lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True
        )

    def feed(self, data: bytes) -> None:
        """Read what the connection has received.

        Raises:
            NotHTTP: it is not, or too large. Nothing may be fed after that.
        """
        if self._parser is None:
            self.has_excess = True
            return
        self._overhead += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserError:
            if not self.is_complete:
                self.stop()
                raise NotHTTP from None
            self.has_excess = True
        if self._overhead > MAX_HEAD and not self.is_complete:
            self.stop()
            raise NotHTTP

    def feed_eof(self) -> None:
        """The connection has ended, and with it the body of an answer that says nothing of its length (§6.3)."""
        if self.has_head and not any(_is_framing(name) for name, _ in self.fields):
            self._finish()

    @property
    def may_be_followed(self) -> bool:
        """Whether another answer may come over its connection, and can be told apart from this one."""
        return self.is_complete and self.keeps_alive and not self.has_excess

    def take(self) -> bytes:
        """What has come of the body since the last time."""
        chunks, self._chunks, self.size = self._chunks, [], 0
        return b"".join(chunks)

    def stop(self) -> None:
        """Read no more. Parser and answer refer to each other, which would keep both until the next collection."""
        self._parser = None

    def on_message_begin(self) -> None:
        if self.is_complete:
            raise NotHTTP

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.has_head:
            self.fields.append((name, value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        parser = cast(HttpResponseParser, self._parser)  # which calls this
        status = parser.get_status_code()
        if status < 200:
            if status < 100 or status == 101:
                raise NotHTTP
            self.fields = []
            return
        self.status = status
        self.keeps_alive = parser.should_keep_alive()
        self._check(parser.get_http_version())
        self._overhead = 0
        self.has_head = True
        if self._without_body:
            self._finish()

    def _check(self, version: str) -> None:
        if version not in VERSIONS or len(self.fields) > MAX_FIELDS:
            raise NotHTTP
        if (
            self._overhead > MAX_HEAD
            and sum(len(name) + len(value) for name, value in self.fields) > MAX_HEAD
        ):
            raise NotHTTP
        codings = [value.lower() for name, value in self.fields if name.lower() == b"transfer-encoding"]
        if codings:
            if codings != [b"chunked"]:
                raise NotHTTP
            if self._without_body or version == "1.0":  # where it is at odds with the framing (§6.1)
                self.keeps_alive = False

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


def _is_framing(name: bytes) -> bool:
    return name.lower() in (b"content-length", b"transfer-encoding")
