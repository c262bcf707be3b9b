"""`Transfer-Encoding`, alone and beside a length (RFC 9112 §6.1, §6.3)."""

from transport.corpus.outcomes import OK, Case, closes, refused, whole

TE, BOTH = "RFC 9112 §6.1", "RFC 9112 §6.3, rule 3"
OTHER = "field transfer-encoding: it is not one chunked"
BODY = b"\r\n1\r\na\r\n0\r\n\r\n"


def coded(*values, more=b"", body=BODY, version=b"1.1"):
    fields = b"".join(b"transfer-encoding: " + value + b"\r\n" for value in values)
    return b"HTTP/" + version + b" 200 OK\r\n" + fields + more + body


CASES = {
    "chunked": Case(TE, coded(b"chunked"), whole(b"a")),
    "chunked in capitals": Case("RFC 9112 §7", coded(b"CHUNKED"), whole(b"a")),
    "chunked with a capital": Case("RFC 9112 §7", coded(b"Chunked"), whole(b"a")),
    "spaces before chunked": Case(TE, coded(b"  chunked"), whole(b"a")),
    "spaces after chunked": Case(TE, coded(b"chunked  "), whole(b"a")),
    "a tab before chunked": Case(TE, coded(b"\tchunked"), whole(b"a")),
    "a tab after chunked": Case("reports: smuggling by white space", coded(b"chunked\t"), whole(b"a")),
    "a vertical tab before chunked": Case(
        "reports: smuggling by white space", coded(b"\x0bchunked"), refused(OTHER)
    ),
    "chunked in quotes": Case("reports: smuggling by spelling", coded(b'"chunked"'), refused(OTHER)),
    "chunked and a comma": Case("RFC 9110 §5.6.1", coded(b"chunked,"), refused(OTHER)),
    "a comma and chunked": Case("RFC 9110 §5.6.1", coded(b", chunked"), refused(OTHER)),
    "almost chunked": Case("reports: smuggling by spelling", coded(b"xchunked"), refused(OTHER)),
    "chunked in two lines": Case(
        "RFC 9112 §5.2", coded(b"chu\r\n nked"), refused("field transfer-encoding: it is folded")
    ),
    "chunked in the next line": Case(
        "RFC 9112 §5.2", coded(b"\r\n chunked"), refused("field transfer-encoding: it is folded")
    ),
    "chunked twice": Case(
        "RFC 9112 §7, and reports: proxies that add it", coded(b"chunked", b"chunked"), refused(OTHER)
    ),
    "chunked twice in a list": Case("RFC 9112 §7", coded(b"chunked, chunked"), refused(OTHER)),
    "gzip": Case("RFC 9112 §7.2", coded(b"gzip"), refused(OTHER)),
    "gzip before chunked": Case("RFC 9112 §7.2", coded(b"gzip, chunked"), refused(OTHER)),
    "gzip and chunked in two fields": Case("RFC 9112 §7.2", coded(b"gzip", b"chunked"), refused(OTHER)),
    "gzip after chunked": Case(BOTH, coded(b"chunked, gzip"), refused(OTHER)),
    "identity": Case("RFC 2616 §3.6, gone since RFC 7230", coded(b"identity", body=b"\r\na"), refused(OTHER)),
    "identity beside a length": Case(
        "RFC 2616 §4.4",
        coded(b"identity", more=b"content-length: 1\r\n", body=b"\r\na"),
        refused(OTHER),
    ),
    "an empty coding": Case(
        "reports: servers written by hand",
        coded(b"", more=b"content-length: 1\r\n", body=b"\r\na"),
        refused(OTHER),
    ),
    "a coding with a parameter": Case("RFC 9112 §7", coded(b"chunked;a=b"), refused(OTHER)),
    "chunked before a length": Case(BOTH, coded(b"chunked", more=b"content-length: 11\r\n"), closes(b"a")),
    "chunked after a length": Case(
        BOTH, OK + b"content-length: 1\r\ntransfer-encoding: chunked\r\n" + BODY, closes(b"a")
    ),
    "chunked and a length of none": Case(
        BOTH, coded(b"chunked", more=b"content-length: 0\r\n"), closes(b"a")
    ),
    "chunked and a length twice": Case(
        BOTH, coded(b"chunked", more=b"content-length: 1\r\n" * 2), closes(b"a")
    ),
    "chunked and lengths that differ": Case(
        BOTH,
        coded(b"chunked", more=b"content-length: 1\r\ncontent-length: 2\r\n"),
        refused("field content-length: two numbers that differ"),
    ),
    "chunked and a length that is none": Case(
        BOTH,
        coded(b"chunked", more=b"content-length: one\r\n"),
        refused("field content-length: it is not one number"),
    ),
    "chunked and a length, without chunks": Case(
        BOTH,
        coded(b"chunked", more=b"content-length: 5\r\n", body=b"\r\nhello"),
        refused("the framing of its chunks is not valid"),
    ),
    "chunked in version 1.0": Case("RFC 9112 §6.1", coded(b"chunked", version=b"1.0"), closes(b"a")),
    "chunked in version 1.0 that stays": Case(
        "RFC 9112 §6.1",
        coded(b"chunked", more=b"connection: keep-alive\r\n", version=b"1.0"),
        closes(b"a"),
    ),
    "a space before the colon of chunked": Case(
        "reports: smuggling by white space",
        OK + b"transfer-encoding : chunked\r\n" + BODY,
        refused("field transfer-encoding: white space before its colon"),
    ),
    "an underscore in the name": Case(
        "reports: smuggling by spelling",
        OK + b"transfer_encoding: chunked\r\ncontent-length: 1\r\n\r\na",
        whole(b"a"),
    ),
}
