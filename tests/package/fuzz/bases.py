"""The responses that are mutated: those of the corpus, and some in many chunks."""

from transport.corpus.responses import RESPONSES

LONGEST = 4096
SIZES = range(1, 9)
EXTENDED = [b"%x;a=%d\r\n%b\r\n" % (size, size, b"%d" % size * size) for size in SIZES]
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
BASES = [
    *[(case.method, case.raw) for case in RESPONSES.values() if len(case.raw) < LONGEST],
    ("GET", CHUNKED + b"".join(EXTENDED) + b"0\r\n\r\n"),
    ("GET", CHUNKED + b"".join(EXTENDED) + b"0;last\r\nx: y\r\nz: a\r\n\r\n"),
]
