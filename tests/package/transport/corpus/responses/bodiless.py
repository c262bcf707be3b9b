"""Responses without a body: to HEAD, and of the statuses 204, 205 and 304 (RFC 9112 §6.3, rules 1 and 2)."""

from transport.corpus.outcomes import CUT, OK, ONE, Case, closes, refused, whole

HEAD, NONE = "RFC 9110 §9.3.2", "RFC 9112 §6.3, rule 1"
NO_CONTENT, SAME = b"HTTP/1.1 204 No Content\r\n", b"HTTP/1.1 304 Not Modified\r\n"
LENGTH, CHUNKED = b"content-length: 5\r\n\r\n", b"transfer-encoding: chunked\r\n\r\n"

CASES = {
    "HEAD": Case(HEAD, OK + b"\r\n", whole(), "HEAD"),
    "HEAD with a length": Case(HEAD, OK + LENGTH, whole(), "HEAD"),
    "HEAD with a length of none": Case(HEAD, OK + b"content-length: 0\r\n\r\n", whole(), "HEAD"),
    "HEAD with chunked": Case(HEAD, OK + CHUNKED, whole(), "HEAD"),
    "HEAD with chunked, of version 1.0": Case(
        "RFC 9112 §6.1", b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\n" + CHUNKED, closes(), "HEAD"
    ),
    "HEAD with a length twice": Case(HEAD, OK + b"content-length: 5\r\n" + LENGTH, whole(), "HEAD"),
    "HEAD with a length and chunked": Case(HEAD, OK + b"content-length: 5\r\n" + CHUNKED, closes(), "HEAD"),
    "HEAD with lengths that differ": Case(
        HEAD,
        OK + b"content-length: 4\r\n" + LENGTH,
        refused("field content-length: two numbers that differ"),
        "HEAD",
    ),
    "HEAD with a coding": Case(
        "reports: codings of no body", OK + b"content-encoding: gzip\r\n" + LENGTH, whole(), "HEAD"
    ),
    "HEAD with a body": Case("reports: servers written by hand", OK + LENGTH + b"hello", closes(), "HEAD"),
    "HEAD with the last chunk": Case(
        "reports: servers written by hand", OK + CHUNKED + b"0\r\n\r\n", closes(), "HEAD"
    ),
    "HEAD with close": Case(HEAD, OK + b"connection: close\r\n" + LENGTH, closes(), "HEAD"),
    "HEAD that is not found": Case(HEAD, b"HTTP/1.1 404 N\r\n" + LENGTH, whole(b"", 404), "HEAD"),
    "HEAD of version 1.0": Case(HEAD, b"HTTP/1.0 200 OK\r\n" + LENGTH, closes(), "HEAD"),
    "HEAD with a folded field": Case(
        "RFC 9112 §5.2", OK + b"x: b\r\n c\r\n" + LENGTH, whole(b"", 200, b"b c"), "HEAD"
    ),
    "HEAD that is cut": Case("RFC 9112 §8", OK + b"content-length: 5\r\n", CUT, "HEAD"),
    "204": Case(NONE, NO_CONTENT + b"\r\n", whole(b"", 204)),
    "204 with a length of none": Case(
        "RFC 9110 §8.6", NO_CONTENT + b"content-length: 0\r\n\r\n", whole(b"", 204)
    ),
    "204 with a length": Case("RFC 9110 §8.6", NO_CONTENT + LENGTH, whole(b"", 204)),
    "204 with a body": Case(
        "reports: a body that belongs to nobody", NO_CONTENT + LENGTH + b"hello", closes(b"", 204)
    ),
    "204 with chunked": Case("RFC 9112 §6.1", NO_CONTENT + CHUNKED, whole(b"", 204)),
    "204 with the last chunk": Case(
        "reports: frameworks that end each body", NO_CONTENT + CHUNKED + b"0\r\n\r\n", closes(b"", 204)
    ),
    "204 with a coding": Case(
        "reports: codings of no body", NO_CONTENT + b"content-encoding: br\r\n\r\n", whole(b"", 204)
    ),
    "204 with close": Case(NONE, NO_CONTENT + b"connection: close\r\n\r\n", closes(b"", 204)),
    "204 and a response": Case("response splitting", NO_CONTENT + b"\r\n" + OK + ONE, closes(b"", 204)),
    "205 with a length of none": Case(
        "RFC 9110 §15.3.6", b"HTTP/1.1 205 R\r\ncontent-length: 0\r\n\r\n", whole(b"", 205)
    ),
    "205 with the last chunk": Case(
        "RFC 9110 §15.3.6", b"HTTP/1.1 205 R\r\n" + CHUNKED + b"0\r\n\r\n", whole(b"", 205)
    ),
    "304": Case(NONE, SAME + b'etag: "a"\r\n\r\n', whole(b"", 304)),
    "304 with a length": Case("RFC 9110 §8.6", SAME + LENGTH, whole(b"", 304)),
    "304 with chunked": Case("RFC 9112 §6.1", SAME + CHUNKED, whole(b"", 304)),
    "304 with a coding": Case(
        "reports: codings of no body", SAME + b"content-encoding: gzip\r\n" + LENGTH, whole(b"", 304)
    ),
    "304 with a body": Case(
        "reports: a body that belongs to nobody", SAME + LENGTH + b"hello", closes(b"", 304)
    ),
    "304 with a length and chunked": Case(NONE, SAME + b"content-length: 5\r\n" + CHUNKED, closes(b"", 304)),
    "a redirect with a body": Case(
        "RFC 9110 §15.4", b"HTTP/1.1 302 F\r\nlocation: /b\r\n" + ONE, whole(b"a", 302)
    ),
    "a redirect without a length": Case(
        "reports: redirects that end the connection",
        b"HTTP/1.1 302 F\r\nlocation: /b\r\n\r\n",
        closes(b"", 302),
    ),
}
