"""Connections: `Connection`, `Keep-Alive`, version 1.0, bodies that the end of the connection ends (RFC 9112 §9)."""

from transport.corpus.outcomes import CUT, OK, ONE, Case, closes, whole

STAY, END, KEPT = "RFC 9112 §9.3", "RFC 9112 §6.3, rule 8", "RFC 9112 §9.3, RFC 2068 §19.7.1"
OLD = b"HTTP/1.0 200 OK\r\n"


def option(value, line=OK):
    return line + b"connection: " + value + b"\r\n" + ONE


CASES = {
    "keep-alive": Case(KEPT, option(b"keep-alive"), whole(b"a")),
    "close": Case(STAY, option(b"close"), closes(b"a")),
    "close with a capital": Case(STAY, option(b"Close"), closes(b"a")),
    "close among others": Case(STAY, option(b"x, close"), closes(b"a")),
    "close in a field of its own": Case(
        "RFC 9110 §5.3", OK + b"connection: x\r\nconnection: close\r\n" + ONE, closes(b"a")
    ),
    "close and keep-alive": Case(
        "reports: proxies that add their own", option(b"keep-alive, close"), closes(b"a")
    ),
    "an empty option": Case(STAY, option(b""), whole(b"a")),
    "an option that nobody knows": Case(STAY, option(b"x"), whole(b"a")),
    "almost close": Case(STAY, option(b"closed"), whole(b"a")),
    "close of the proxy": Case(
        "reports: Proxy-Connection", OK + b"proxy-connection: close\r\n" + ONE, closes(b"a")
    ),
    "a time for keep-alive": Case(
        "RFC 2068 §19.7.1.1",
        OK + b"connection: keep-alive\r\nkeep-alive: timeout=5, max=100\r\n" + ONE,
        whole(b"a"),
    ),
    "version 1.0 with a length": Case(KEPT, OLD + ONE, closes(b"a")),
    "version 1.0 that stays": Case(KEPT, option(b"keep-alive", OLD), whole(b"a")),
    "version 1.0 that stays, in capitals": Case(KEPT, option(b"Keep-Alive", OLD), whole(b"a")),
    "version 1.0 without a length": Case(END, OLD + b"\r\nhello", closes(b"hello")),
    "version 1.0 that stays without a length": Case(
        "reports: servers that hang on", OLD + b"connection: keep-alive\r\n\r\nhello", closes(b"hello")
    ),
    "version 1.0 with 204": Case(KEPT, b"HTTP/1.0 204 N\r\n\r\n", closes(b"", 204)),
    "version 1.0 that is cut": Case("RFC 9112 §8", OLD + b"content-length: 5\r\n\r\nhel", CUT),
    "until the end": Case(END, OK + b"\r\nhello", closes(b"hello")),
    "until the end, with close": Case(END, OK + b"connection: close\r\n\r\nhello", closes(b"hello")),
    "until the end, nothing": Case(END, OK + b"connection: close\r\n\r\n", closes()),
    "until the end, like chunks": Case(END, OK + b"\r\n1\r\na\r\n0\r\n\r\n", closes(b"1\r\na\r\n0\r\n\r\n")),
    "until the end, 100,000 bytes": Case(END, OK + b"\r\n" + b"b" * 100000, closes(b"b" * 100000)),
    "until the end, like a response": Case(END, OK + b"\r\n" + OK + ONE, closes(OK + ONE)),
    "an error until the end": Case(
        "reports: load balancers without a backend",
        b"HTTP/1.0 503 U\r\ncache-control: no-cache\r\n\r\nnone",
        closes(b"none", 503),
    ),
    "close, and more": Case(STAY, option(b"close") + b"x", closes(b"a")),
    "a head that is cut in its first line": Case("RFC 9112 §8", b"HTTP/1.1 20", CUT),
    "a head that is cut in a name": Case("RFC 9112 §8", OK + b"content-le", CUT),
    "a head that is cut in a value": Case("RFC 9112 §8", OK + b"content-length: 1", CUT),
    "a head that is cut after a field": Case("RFC 9112 §8", OK + b"x: b\r\n", CUT),
    "a head that is cut before its last LF": Case("RFC 9112 §8", OK + b"x: b\r\n\r", CUT),
    "a head with a length twice that is cut": Case("RFC 9112 §8", OK + b"content-length: 1\r\n" * 2, CUT),
    "a head with a folded field that is cut": Case("RFC 9112 §8", OK + b"x: b\r\n c\r\n", CUT),
}
