"""Responses, valid and invalid, and how each is parsed."""

from upstreams.transport.framing import ProtocolError
from upstreams.transport.response import IncomingResponse

OK = b"HTTP/1.1 200 OK\r\n"
ONE = b"content-length: 1\r\n\r\na"
CHUNKED = OK + b"transfer-encoding: chunked\r\n\r\n"
CUT, BROKEN = "cut", "broken"
GOOD = {
    "a length": (OK + ONE, (200, b"a", True)),
    "no body": (OK + b"content-length: 0\r\n\r\n", (200, b"", True)),
    "the same length twice": (OK + b"content-length: 1\r\na: b\r\n" + ONE, (200, b"a", True)),
    "the same length in a list": (OK + b"Content-Length: 1, 1 ,1\r\n\r\na", (200, b"a", True)),
    "the same length twice, and more": (OK + b"content-length: 1\r\n" + ONE + b"b", (200, b"a", False)),
    "the same length twice, lines with LF": (
        b"HTTP/1.1 200 OK\ncontent-length: 1\ncontent-length: 1\na: b\n\na",
        (200, b"a", True),
    ),
    "a body that looks like a repeated length": (
        OK + b"content-length: 17\r\ncontent-length: 17\r\n\r\n\ncontent-length: 1",
        (200, b"\ncontent-length: ", False),
    ),
    "chunks": (CHUNKED + b"1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", (200, b"abc", True)),
    "chunks with extensions": (CHUNKED + b'1;a=b;c="d"\r\na\r\n0;e\r\n\r\n', (200, b"a", True)),
    "a space after the size of a chunk": (CHUNKED + b"1 \r\na\r\n0\r\n\r\n", (200, b"a", True)),
    "sizes with zeros and capitals": (
        CHUNKED + b"000A\r\n0123456789\r\n0\r\n\r\n",
        (200, b"0123456789", True),
    ),
    "trailers": (CHUNKED + b"1\r\na\r\n0\r\nx: y\r\nx: z\r\n\r\n", (200, b"a", True)),
    "a length among the trailers": (CHUNKED + b"0\r\ncontent-length: 9\r\n\r\n", (200, b"", True)),
    "a length among the trailers, and more": (
        CHUNKED + b"0\r\ncontent-length: 1\r\n\r\nx",
        (200, b"", False),
    ),
    "capitals": (b"HTTP/1.1 200 OK\r\nTRANSFER-ENCODING: CHUNKED\r\n\r\n0\r\n\r\n", (200, b"", True)),
    "until the end": (OK + b"\r\nabc", (200, b"abc", False)),
    "nothing until the end": (OK + b"\r\n", (200, b"", False)),
    "close": (OK + b"connection: close\r\n" + ONE, (200, b"a", False)),
    "close among others": (OK + b"Connection: x, Close\r\n" + ONE, (200, b"a", False)),
    "1.0": (b"HTTP/1.0 200 OK\r\n" + ONE, (200, b"a", False)),
    "1.0 that stays": (b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\n" + ONE, (200, b"a", True)),
    "1.0 in chunks": (
        b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        (200, b"", False),
    ),
    "no reason": (b"HTTP/1.1 200\r\n" + ONE, (200, b"a", True)),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", (204, b"", True)),
    "204 with a length": (b"HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n", (204, b"", True)),
    "304 with a length": (b"HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n", (304, b"", True)),
    "an unknown status": (b"HTTP/1.1 999 ?\r\n" + ONE, (999, b"a", True)),
    "100 before": (b"HTTP/1.1 100 Continue\r\n\r\n" + OK + ONE, (200, b"a", True)),
    "103 before": (b"HTTP/1.1 103 Hints\r\nlink: x\r\n\r\n" * 3 + OK + ONE, (200, b"a", True)),
    "103 with close before": (b"HTTP/1.1 103 H\r\nconnection: close\r\n\r\n" + OK + ONE, (200, b"a", True)),
    "100 of 1.0 before": (b"HTTP/1.0 100 Continue\r\n\r\n" + OK + ONE, (200, b"a", True)),
    "100 with a length": (b"HTTP/1.1 100 C\r\ncontent-length: 9\r\n\r\n" + OK + ONE, (200, b"a", True)),
    "an upgrade that is none": (OK + b"connection: upgrade\r\nupgrade: x\r\n" + ONE, (200, b"a", True)),
    "lines that end with LF": (b"HTTP/1.1 200 OK\na: b\ncontent-length: 1\n\na", (200, b"a", True)),
    "empty lines before": (b"\r\n\r\n" + OK + ONE, (200, b"a", True)),
    "another response after it": (OK + ONE + OK + ONE, (200, b"a", False)),
    "the beginning of another": (OK + ONE + b"H", (200, b"a", False)),
    "garbage after it": (OK + ONE + b"\x00", (200, b"a", False)),
    "garbage after the last chunk": (CHUNKED + b"0\r\n\r\nx", (200, b"", False)),
    "data after close": (OK + b"connection: close\r\n" + ONE + b"x", (200, b"a", False)),
    "a body where there is none": (b"HTTP/1.1 204 N\r\ncontent-length: 5\r\n\r\nhello", (204, b"", False)),
}
BAD = {
    "nothing": (b"", CUT),
    "a part of the status line": (b"HTTP/1.1 20", CUT),
    "a part of the headers": (OK + b"a: b\r\n", CUT),
    "only 100": (b"HTTP/1.1 100 Continue\r\n\r\n", CUT),
    "a part of the body": (OK + b"content-length: 5\r\n\r\nabc", CUT),
    "a part of a chunk": (CHUNKED + b"5\r\nabc", CUT),
    "no last chunk": (CHUNKED + b"1\r\na\r\n", CUT),
    "no end of the last chunk": (CHUNKED + b"0\r\n", CUT),
    "no end of the trailers": (CHUNKED + b"0\r\na: b\r\n", CUT),
    "garbage": (b"\x00\xff\xfe garbage\r\n\r\n", BROKEN),
    "another protocol": (b"220 smtp ready\r\n\r\n", BROKEN),
    "TLS": (b"\x15\x03\x01\x00\x02\x02\x46", BROKEN),
    "HTTP/2": (b"\x00\x00\x12\x04\x00\x00\x00\x00\x00", BROKEN),
    "version 2.0": (b"HTTP/2.0 200 OK\r\n" + ONE, BROKEN),
    "version 0.9": (b"HTTP/0.9 200 OK\r\n" + ONE, BROKEN),
    "version 1.2": (b"HTTP/1.2 200 OK\r\n" + ONE, BROKEN),
    "a status of two digits": (b"HTTP/1.1 20 OK\r\n\r\n", BROKEN),
    "a status of four digits": (b"HTTP/1.1 2000 OK\r\n\r\n", BROKEN),
    "a status below 100": (b"HTTP/1.1 099 OK\r\n" + ONE, BROKEN),
    "a protocol nobody asked for": (b"HTTP/1.1 101 S\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n", BROKEN),
    "101 without a word": (b"HTTP/1.1 101 S\r\n\r\nraw", BROKEN),
    "two lengths": (OK + b"content-length: 1\r\ncontent-length: 2\r\n\r\nab", BROKEN),
    "a list of lengths that differ": (OK + b"content-length: 1, 2\r\n\r\nab", BROKEN),
    "lengths that differ in their zeros": (OK + b"content-length: 01\r\n" + ONE, BROKEN),
    "a length twice, and chunks": (
        OK + b"content-length: 1\r\n" * 2 + b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        BROKEN,
    ),
    "a part of a head with a length twice": (OK + b"content-length: 1\r\n" * 2, CUT),
    "a length with a sign": (OK + b"content-length: +1\r\n\r\na", BROKEN),
    "a negative length": (OK + b"content-length: -1\r\n\r\na", BROKEN),
    "a length in hexadecimal": (OK + b"content-length: 0x1\r\n\r\na", BROKEN),
    "an empty length": (OK + b"content-length:\r\n\r\na", BROKEN),
    "a folded length": (OK + b"content-length: 1\r\n 2\r\n\r\nabcdefghijkl", BROKEN),
    "a length too long": (OK + b"content-length: 99999999999999999999\r\n\r\na", BROKEN),
    "a length and chunks": (OK + b"content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", BROKEN),
    "chunks and a length": (OK + b"transfer-encoding: chunked\r\ncontent-length: 1\r\n\r\n0\r\n\r\n", BROKEN),
    "chunked twice": (OK + b"transfer-encoding: chunked\r\n" * 2 + b"\r\n0\r\n\r\n", BROKEN),
    "another coding": (OK + b"transfer-encoding: gzip\r\n\r\n", BROKEN),
    "another coding before": (OK + b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n", BROKEN),
    "another coding in a line of its own": (
        OK + b"transfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        BROKEN,
    ),
    "another coding after": (OK + b"transfer-encoding: chunked, x\r\n\r\n", BROKEN),
    "almost chunked": (OK + b"transfer-encoding: xchunked\r\n\r\n", BROKEN),
    "chunked with a tab": (OK + b"transfer-encoding: \x0bchunked\r\n\r\n", BROKEN),
    "chunked in two lines": (OK + b"transfer-encoding: chu\r\n nked\r\n\r\n", BROKEN),
    "chunked before a tab": (OK + b"transfer-encoding: chunked\t\r\n\r\n3\r\nabc\r\n0\r\n\r\n", BROKEN),
    "LF after a size": (CHUNKED + b"3\n\nab\r\n0\r\n\r\n", BROKEN),
    "LF after an extension": (CHUNKED + b"3;a\nabc\r\n0\r\n\r\n", BROKEN),
    "LF after a chunk": (CHUNKED + b"3\r\nabc\n0\r\n\r\n", BROKEN),
    "LF after the last chunk": (CHUNKED + b"0\r\n\n", BROKEN),
    "RTSP": (b"RTSP/1.1 200 OK\r\n" + ONE, BROKEN),
    "ICE": (b"\r\nICE/1.1 200 OK\r\n" + ONE, BROKEN),
    "a size that is none": (CHUNKED + b"zz\r\n{}\r\n", BROKEN),
    "a size with a sign": (CHUNKED + b"-1\r\n", BROKEN),
    "a size too long": (CHUNKED + b"fffffffffffffffff\r\n", BROKEN),
    "a chunk longer than its size": (CHUNKED + b"1\r\nab\r\n0\r\n\r\n", BROKEN),
    "a folded header": (OK + b"a: b\r\n c\r\n" + ONE, BROKEN),
    "a space before the first header": (OK + b" a: b\r\n" + ONE, BROKEN),
    "a control character in a value": (OK + b"a: b\x01c\r\n" + ONE, BROKEN),
    "no colon": (OK + b"nocolon\r\n" + ONE, BROKEN),
    "no name": (OK + b": b\r\n" + ONE, BROKEN),
    "a space in a name": (OK + b"a b: c\r\n" + ONE, BROKEN),
    "a space before the colon": (OK + b"content-length : 1\r\n\r\na", BROKEN),
    "a name that is not ASCII": (OK + b"X\xff: b\r\n" + ONE, BROKEN),
    "NUL in a value": (OK + b"a: b\x00c\r\n" + ONE, BROKEN),
    "NUL in a name": (OK + b"a\x00: b\r\n" + ONE, BROKEN),
    "CR in a value": (OK + b"a: b\rc: d\r\n" + ONE, BROKEN),
    "CR in the reason": (b"HTTP/1.1 200 O\rK\r\n" + ONE, BROKEN),
    "CR before CRLF": (b"HTTP/1.1 200 OK\r\r\n" + ONE, BROKEN),
    "no LF at the end": (OK + b"content-length: 1\r\n\ra", BROKEN),
}


def read(pieces, method="GET"):
    """Return the status, the body, and whether the connection can be reused; or what is wrong."""
    response = IncomingResponse(method)
    body = b""
    try:
        for piece in pieces:
            response.feed(piece)
            body += response.take()
    except ProtocolError:
        return BROKEN
    if not response.is_complete:
        response.feed_eof()
    if not response.is_complete:
        return CUT
    return response.status, body, response.may_be_followed
