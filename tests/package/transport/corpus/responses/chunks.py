"""Bodies in chunks (RFC 9112 §7.1)."""

from transport.corpus.outcomes import CHUNKED, CUT, OK, ONE, Case, closes, refused, whole

CHUNK, EXT, TRAILER, BARE = "RFC 9112 §7.1", "RFC 9112 §7.1.1", "RFC 9112 §7.1.2", "RFC 9112 §2.2"
BROKEN = "the framing of its chunks is not valid"
END = b"0\r\n\r\n"


def chunks(*lines):
    return CHUNKED + b"\r\n".join(lines) + b"\r\n"


CASES = {
    "one chunk": Case(CHUNK, chunks(b"5", b"hello", b"0", b""), whole(b"hello")),
    "two chunks": Case(CHUNK, chunks(b"1", b"a", b"2", b"bc", b"0", b""), whole(b"abc")),
    "no chunk but the last": Case(CHUNK, CHUNKED + END, whole()),
    "a hundred chunks of a byte": Case(
        "reports: event streams", CHUNKED + b"1\r\na\r\n" * 100 + END, whole(b"a" * 100)
    ),
    "a chunk of 70,000 bytes": Case(CHUNK, chunks(b"11170", b"b" * 70000, b"0", b""), whole(b"b" * 70000)),
    "a size in capitals": Case(CHUNK, chunks(b"A", b"0123456789", b"0", b""), whole(b"0123456789")),
    "a size in small letters": Case(CHUNK, chunks(b"a", b"0123456789", b"0", b""), whole(b"0123456789")),
    "a size with zeros before it": Case(
        "reports: sizes of a fixed width", chunks(b"00000001", b"a", b"0000", b""), whole(b"a")
    ),
    "data that looks like framing": Case(CHUNK, chunks(b"5", b"0\r\n\r\n", b"0", b""), whole(b"0\r\n\r\n")),
    "data that is a response": Case(
        "response splitting", chunks(b"13", OK + b"\r\n", b"0", b""), whole(OK + b"\r\n")
    ),
    "a space after a size": Case(
        "reports: sizes padded with spaces", chunks(b"1  ", b"a", b"0 ", b""), whole(b"a")
    ),
    "an extension": Case(EXT, chunks(b"1;b", b"a", b"0;c", b""), whole(b"a")),
    "an extension with a value": Case(EXT, chunks(b"1;b=c", b"a", b"0;d=e", b""), whole(b"a")),
    "an extension in quotes": Case(EXT, chunks(b'1;b="c d;e"', b"a", b"0", b""), whole(b"a")),
    "signed chunks": Case(
        "reports: object stores", chunks(b"1;chunk-signature=" + b"0" * 64, b"a", b"0", b""), whole(b"a")
    ),
    "a space before an extension": Case(EXT, chunks(b"1 ;b", b"a", b"0", b""), whole(b"a")),
    "a space in an extension": Case(EXT, chunks(b"1; b", b"a", b"0", b""), refused(BROKEN)),
    "an extension of 600,000 bytes": Case(
        "reports: memory taken by extensions",
        chunks(b"1;" + b"b" * 600000, b"a", b"0", b""),
        refused("more than 102400 bytes of chunk extensions or trailers"),
    ),
    "a carriage return in an extension": Case(EXT, chunks(b"1;b\rc", b"a", b"0", b""), refused(BROKEN)),
    "a trailer": Case(TRAILER, chunks(b"1", b"a", b"0", b"y: z", b""), whole(b"a")),
    "two trailers": Case(TRAILER, chunks(b"1", b"a", b"0", b"y: z", b"w: v", b""), whole(b"a")),
    "a trailer with the name of a field": Case(
        "RFC 9110 §6.5.1", chunks(b"1", b"a", b"0", b"x: z", b""), whole(b"a")
    ),
    "a length among the trailers": Case(
        "RFC 9110 §6.5.1", chunks(b"1", b"a", b"0", b"content-length: 9", b""), whole(b"a")
    ),
    "a length among the trailers, and more": Case(
        "RFC 9110 §6.5.1", chunks(b"0", b"content-length: 1", b"") + b"x", closes()
    ),
    "trailers of 600,000 bytes": Case(
        "RFC 9110 §6.5.1",
        CHUNKED + b"0\r\n" + b"y: zzzzzzzzzz\r\n" * 45000 + b"\r\n",
        refused("more than 102400 bytes of chunk extensions or trailers"),
    ),
    "a trailer without a colon": Case(TRAILER, chunks(b"0", b"nocolon", b""), refused(BROKEN)),
    "a response after the last chunk": Case("response splitting", CHUNKED + END + OK + ONE, closes()),
    "a byte after the last chunk": Case("response splitting", CHUNKED + END + b"x", closes()),
    "a line end after the last chunk": Case("reports: scripts that print", CHUNKED + END + b"\r\n", whole()),
    "a chunk that is cut": Case("RFC 9112 §8", CHUNKED + b"5\r\nhel", CUT),
    "a size that is cut": Case("RFC 9112 §8", CHUNKED + b"1\r\na\r\n1", CUT),
    "no size": Case("RFC 9112 §8", CHUNKED, CUT),
    "no last chunk": Case("reports: handlers that fail in the middle", CHUNKED + b"1\r\na\r\n", CUT),
    "no line end after the last chunk": Case(
        "reports: servers written by hand", CHUNKED + b"1\r\na\r\n0", CUT
    ),
    "one line end after the last chunk": Case(
        "reports: servers written by hand", CHUNKED + b"1\r\na\r\n0\r\n", CUT
    ),
    "trailers that are cut": Case("RFC 9112 §8", CHUNKED + b"0\r\ny: z\r\n", CUT),
    "no framing in the body": Case(
        "reports: servers that announce chunks and send none", CHUNKED + b"hello", refused(BROKEN)
    ),
    "a body that begins like a size": Case(
        "reports: servers that announce chunks and send none", CHUNKED + b'{"a":1}', refused(BROKEN)
    ),
    "a negative size": Case(CHUNK, chunks(b"-1", b"a", b"0", b""), refused(BROKEN)),
    "a size with a plus": Case("reports: int() of Python", chunks(b"+1", b"a", b"0", b""), refused(BROKEN)),
    "a size with 0x": Case("reports: int() of Python", chunks(b"0x1", b"a", b"0", b""), refused(BROKEN)),
    "a size with an underscore": Case(
        "reports: int() of Python", chunks(b"1_0", b"a" * 16, b"0", b""), refused(BROKEN)
    ),
    "a space before a size": Case(CHUNK, chunks(b" 1", b"a", b"0", b""), refused(BROKEN)),
    "an empty size": Case(CHUNK, chunks(b"", b"a", b"0", b""), refused(BROKEN)),
    "an extension without a size": Case(CHUNK, chunks(b";b", b"a", b"0", b""), refused(BROKEN)),
    "a size of 17 digits": Case("reports: sizes that overflow", chunks(b"f" * 17, b"a"), refused(BROKEN)),
    "a size that overflows to 1": Case(
        "reports: sizes that overflow", chunks(b"10000000000000001", b"a", b"0", b""), refused(BROKEN)
    ),
    "a chunk longer than its size": Case(CHUNK, chunks(b"1", b"ab", b"0", b""), refused(BROKEN)),
    "a chunk shorter than its size": Case(CHUNK, chunks(b"3", b"a", b"0", b""), refused(BROKEN)),
    "LF after a size": Case(BARE, CHUNKED + b"3\nabc\r\n0\r\n\r\n", refused(BROKEN)),
    "two LF after a size": Case(BARE, CHUNKED + b"3\n\nab\r\n0\r\n\r\n", refused(BROKEN)),
    "LF after an extension": Case(BARE, CHUNKED + b"3;a\nabc\r\n0\r\n\r\n", refused(BROKEN)),
    "LF after a chunk": Case(BARE, CHUNKED + b"3\r\nabc\n0\r\n\r\n", refused(BROKEN)),
    "LF after the last chunk": Case(BARE, CHUNKED + b"0\r\n\n", refused(BROKEN)),
    "LF throughout": Case(BARE, CHUNKED + b"3\nabc\n0\n\n", refused(BROKEN)),
    "a carriage return after a size": Case(BARE, CHUNKED + b"1\ra\r\n0\r\n\r\n", refused(BROKEN)),
}
