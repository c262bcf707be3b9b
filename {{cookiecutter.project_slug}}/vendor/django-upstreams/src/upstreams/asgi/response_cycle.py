"""uvicorn's side of one request, which remembers the lines of headers: most are the same in each response."""

from functools import lru_cache
from typing import Any

from uvicorn.protocols.http.httptools_impl import (
    HEADER_RE,
    HEADER_VALUE_RE,
    STATUS_LINE,
    RequestResponseCycle,
)

MAX_REMEMBERED_SIZE = 128
"""Bytes of a header's value; longer ones are not remembered."""
FRAMING = {b"content-length", b"transfer-encoding", b"connection"}
"""Headers that decide how the response is sent."""
WITHOUT_BODY = {204, 304}


# Private, as in http_protocol.py: uvicorn's class, its attributes and its patterns (0.54).
# tests/package/asgi/test_response_cycle.py compares what both classes write.
class ResponseCycle(RequestResponseCycle):
    """Writes the head of a response with the checks and the bytes of uvicorn's own."""

    async def send(self, message: Any) -> None:
        """Write the head, or leave the message to uvicorn."""
        is_head = message["type"] == "http.response.start" and not self.response_started
        if is_head and not (self.flow.write_paused or self.disconnected or self.access_log):
            self._write_head(message)
        else:
            await super().send(message)

    def _write_head(self, message: Any) -> None:
        self.response_started, self.waiting_for_100_continue = True, False
        status = message["status"]
        lines, closes = [STATUS_LINE[status]], False
        for name, value in (*self.default_headers, *message.get("headers", ())):
            read = _line if len(value) <= MAX_REMEMBERED_SIZE else _line.__wrapped__
            line, framing = read(name, value)
            lines.append(line)
            if framing is None:
                continue
            if framing == b"content-length" and self.chunked_encoding is None:
                self.expected_content_length, self.chunked_encoding = int(value.decode()), False
            elif framing == b"transfer-encoding" and value.lower() == b"chunked":
                self.expected_content_length, self.chunked_encoding = 0, True
            elif framing == b"connection" and b"close" in map(bytes.strip, value.lower().split(b",")):
                self.keep_alive, closes = False, True
        if not (self.keep_alive or closes):
            lines.append(b"connection: close\r\n")
        if self.chunked_encoding is None and self.scope["method"] != "HEAD" and status not in WITHOUT_BODY:
            self.chunked_encoding = True
            lines.append(b"transfer-encoding: chunked\r\n")
        lines.append(b"\r\n")
        self.transport.write(b"".join(lines))


@lru_cache(maxsize=256)
def _line(name: bytes, value: bytes) -> tuple[bytes, bytes | None]:
    if HEADER_RE.search(name):
        raise RuntimeError("Invalid HTTP header name.")
    if HEADER_VALUE_RE.search(value):
        raise RuntimeError("Invalid HTTP header value.")
    name = name.lower()
    return b"%b: %b\r\n" % (name, value), name if name in FRAMING else None
