"""What mutations put into a response."""

TOKENS = [
    *[
        b"\r",
        b"\n",
        b"\r\n",
        b"\r\n\r\n",
        b"\n\n",
        b"\r\r\n",
        b" ",
        b"\t",
        b"\0",
        b"\x0b",
        b"\x7f",
        b"\x80",
        b"\xff",
    ],
    *[
        b":",
        b",",
        b";",
        b'"',
        b"=",
        b"-",
        b"+",
        b"0",
        b"00",
        b"1",
        b"f",
        b"x",
        b"0x",
        b"HTTP/1.1 200 OK\r\n",
        b"\r\n ",
    ],
]
FIELDS = [
    *[
        b"content-length: 0",
        b"content-length: 1",
        b"Content-Length: 5",
        b"content-length: 1, 1",
        b"content-length:",
    ],
    *[b"content-length: 1 ", b"content-length: +1", b"content-length : 1", b"transfer-encoding: chunked"],
    *[b"Transfer-Encoding: chunked\t", b"transfer-encoding: identity", b"transfer-encoding: gzip, chunked"],
    *[b"transfer-encoding:", b"transfer-encoding : chunked", b"connection: close", b"connection: keep-alive"],
    *[
        b"connection: upgrade\r\nupgrade: x",
        b"x: y\r\n z",
        b"x: y\n\tz",
        b"x",
        b": y",
        b"x y: z",
        b"x:\x01",
        b"\x00: a",
    ],
]
INTERIM = [
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 103 E\r\nlink: x\r\n\r\n",
    b"HTTP/1.0 102 P\n\n",
    b"\r\n",
]
EXCESS = [b"\r\n", b"x", b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nbad", b"0\r\n\r\n", b"HTTP/1.1 2"]
