"""Responses of the class 1xx before the final one (RFC 9110 §15.2)."""

from transport.corpus.outcomes import CUT, OK, ONE, Case, refused, whole

INTERIM, SWITCH = "RFC 9110 §15.2", "RFC 9110 §15.2.2"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
FINAL = OK + b"x: final\r\n" + ONE
READ = whole(b"a", 200, b"final")
UPGRADE = b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n"

CASES = {
    "100 before": Case(INTERIM, CONTINUE + FINAL, READ),
    "100 twice": Case("reports: proxies that add their own", CONTINUE * 2 + FINAL, READ),
    "100 without a reason": Case(INTERIM, b"HTTP/1.1 100\r\n\r\n" + FINAL, READ),
    "102 before": Case("RFC 2518 §10.1", b"HTTP/1.1 102 Processing\r\n\r\n" + FINAL, READ),
    "103 before": Case("RFC 8297 §2", b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" + FINAL, READ),
    "103 three times": Case(
        "RFC 8297 §2", b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" * 3 + FINAL, READ
    ),
    "103 with the same field": Case("RFC 8297 §2", b"HTTP/1.1 103 E\r\nx: early\r\n\r\n" + FINAL, READ),
    "104 before": Case("a draft: resumable uploads", b"HTTP/1.1 104 Upload\r\n\r\n" + FINAL, READ),
    "199 before": Case(INTERIM, b"HTTP/1.1 199 ?\r\n\r\n" + FINAL, READ),
    "100 of version 1.0": Case(INTERIM, b"HTTP/1.0 100 Continue\r\n\r\n" + FINAL, READ),
    "103 with close": Case(
        "reports: 1xx that end the connection", b"HTTP/1.1 103 E\r\nconnection: close\r\n\r\n" + FINAL, READ
    ),
    "100 with a length of none": Case(
        "RFC 9110 §8.6", b"HTTP/1.1 100 C\r\ncontent-length: 0\r\n\r\n" + FINAL, READ
    ),
    "100 with a length": Case("RFC 9110 §8.6", b"HTTP/1.1 100 C\r\ncontent-length: 9\r\n\r\n" + FINAL, READ),
    "100 with chunked": Case(
        "RFC 9112 §6.1", b"HTTP/1.1 100 C\r\ntransfer-encoding: chunked\r\n\r\n" + FINAL, READ
    ),
    "100, lines with LF": Case("RFC 9112 §2.2", b"HTTP/1.1 100 C\n\n" + FINAL, READ),
    "100 with a folded field": Case("RFC 9112 §5.2", b"HTTP/1.1 100 C\r\ny: b\r\n c\r\n\r\n" + FINAL, READ),
    "100 with a body": Case(INTERIM, CONTINUE + b"hello" + FINAL, refused("the status line is not valid")),
    "100 alone": Case("reports: an upload without a final response", CONTINUE, CUT),
    "100 before a part of a head": Case("RFC 9112 §8", CONTINUE + OK, CUT),
    "100 before HEAD": Case(
        INTERIM, CONTINUE + OK + b"x: final\r\ncontent-length: 5\r\n\r\n", whole(b"", 200, b"final"), "HEAD"
    ),
    "100 before 204": Case(INTERIM, CONTINUE + b"HTTP/1.1 204 N\r\n\r\n", whole(b"", 204)),
    "100 and a length twice": Case(
        "RFC 9112 §6.3", CONTINUE + OK + b"content-length: 1\r\n" + ONE, whole(b"a")
    ),
    "5,000 interim responses": Case(
        "reports: a client that waits forever",
        CONTINUE * 5000 + FINAL,
        refused("more than 100 interim responses"),
    ),
    "101 that nobody asked for": Case(SWITCH, UPGRADE, refused("status 101")),
    "101 without a word": Case(SWITCH, b"HTTP/1.1 101 S\r\n\r\nraw", refused("status 101")),
    "101 and a response": Case(SWITCH, UPGRADE + FINAL, refused("status 101")),
    "an upgrade that is offered": Case(
        "RFC 9110 §7.8", OK + b"connection: upgrade\r\nupgrade: h2,h2c\r\n" + ONE, whole(b"a")
    ),
    "426 with an upgrade": Case(
        "RFC 9110 §15.5.22",
        b"HTTP/1.1 426 U\r\nconnection: upgrade\r\nupgrade: tls/1.2\r\n" + ONE,
        whole(b"a", 426),
    ),
}
