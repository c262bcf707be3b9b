"""Status lines: versions, status codes, reason phrases, and what comes before them."""

from transport.corpus.outcomes import CUT, OK, ONE, Case, closes, refused, whole

LINE, VERSION, REASON = "RFC 9112 §4", "RFC 9112 §2.3", "RFC 9112 §4, reason-phrase"
NOT_HTTP = "it is not HTTP/1.1"
NO_STATUS = "the status line is not valid"

CASES = {
    "an ordinary status line": Case(LINE, OK + ONE, whole(b"a")),
    "a reason of several words": Case(REASON, b"HTTP/1.1 404 No Such Bucket\r\n" + ONE, whole(b"a", 404)),
    "an empty reason": Case(REASON, b"HTTP/1.1 200 \r\n" + ONE, whole(b"a")),
    "no reason and no space": Case(
        "reports: servers written by hand leave out the space", b"HTTP/1.1 200\r\n" + ONE, whole(b"a")
    ),
    "a reason in Latin-1": Case(REASON, b"HTTP/1.1 404 Non trouv\xe9\r\n" + ONE, whole(b"a", 404)),
    "a reason in UTF-8": Case(
        "reports: localised reasons", b"HTTP/1.1 400 \xe4\xb8\x8d\xe5\xa5\xbd\r\n" + ONE, whole(b"a", 400)
    ),
    "a reason with a tab": Case(REASON, b"HTTP/1.1 200 a\tb\r\n" + ONE, whole(b"a")),
    "a reason with a colon": Case(REASON, b"HTTP/1.1 500 Error: disk full\r\n" + ONE, whole(b"a", 500)),
    "a reason with an escape": Case(REASON, b"HTTP/1.1 200 \x1b[31mred\r\n" + ONE, whole(b"a")),
    "a reason with NUL": Case(REASON, b"HTTP/1.1 200 O\x00K\r\n" + ONE, whole(b"a")),
    "a reason of 5,000 bytes": Case(
        "reports: stack traces as reasons", b"HTTP/1.1 500 " + b"r" * 5000 + b"\r\n" + ONE, whole(b"a", 500)
    ),
    "a carriage return in the reason": Case(
        "RFC 9112 §2.2", b"HTTP/1.1 200 O\rK\r\n" + ONE, refused(NO_STATUS)
    ),
    "two carriage returns after the reason": Case(
        "RFC 9112 §2.2", b"HTTP/1.1 200 OK\r\r\n" + ONE, refused(NO_STATUS)
    ),
    "two spaces after the version": Case(LINE, b"HTTP/1.1  200 OK\r\n" + ONE, refused(NO_STATUS)),
    "a tab after the version": Case(LINE, b"HTTP/1.1\t200 OK\r\n" + ONE, refused(NO_STATUS)),
    "a space before the version": Case(LINE, b" HTTP/1.1 200 OK\r\n" + ONE, refused(NOT_HTTP)),
    "a status unknown to the standard": Case("RFC 9110 §15", b"HTTP/1.1 999 ?\r\n" + ONE, whole(b"a", 999)),
    "a status of Cloudflare": Case(
        "reports: 520 to 530 of a CDN", b"HTTP/1.1 522 \r\n" + ONE, whole(b"a", 522)
    ),
    "a status of two digits": Case(LINE, b"HTTP/1.1 20 OK\r\n" + ONE, refused(NO_STATUS)),
    "a status of four digits": Case(LINE, b"HTTP/1.1 2000 OK\r\n" + ONE, refused(NO_STATUS)),
    "a status below 100": Case("RFC 9110 §15", b"HTTP/1.1 099 OK\r\n" + ONE, refused("status 99")),
    "a status that is a word": Case(LINE, b"HTTP/1.1 OK\r\n" + ONE, refused(NO_STATUS)),
    "a negative status": Case(LINE, b"HTTP/1.1 -20 OK\r\n" + ONE, refused(NO_STATUS)),
    "a status with a fraction": Case(
        "reports: sub-status of IIS", b"HTTP/1.1 404.13 N\r\n" + ONE, refused(NO_STATUS)
    ),
    "version 1.0": Case(VERSION, b"HTTP/1.0 200 OK\r\n" + ONE, closes(b"a")),
    "version 0.9": Case(VERSION, b"HTTP/0.9 200 OK\r\n" + ONE, refused("version 0.9")),
    "version 1.2": Case(VERSION, b"HTTP/1.2 200 OK\r\n" + ONE, refused("version 1.2")),
    "version 2.0": Case(VERSION, b"HTTP/2.0 200 OK\r\n" + ONE, refused("version 2.0")),
    "version 2": Case(
        "reports: servers that copy the status line of HTTP/2",
        b"HTTP/2 200 OK\r\n" + ONE,
        refused(NO_STATUS),
    ),
    "a version of two digits": Case(VERSION, b"HTTP/1.10 200 OK\r\n" + ONE, refused(NO_STATUS)),
    "a version in small letters": Case(
        "RFC 9112 §2.3, case-sensitive", b"http/1.1 200 OK\r\n" + ONE, refused(NOT_HTTP)
    ),
    "RTSP": Case("RFC 2326 §7.1", b"RTSP/1.0 200 OK\r\n" + ONE, refused(NOT_HTTP)),
    "ICE": Case("reports: radio servers", b"ICE/1.1 200 OK\r\n" + ONE, refused(NOT_HTTP)),
    "ICY": Case("reports: radio servers", b"ICY 200 OK\r\n" + ONE, refused(NOT_HTTP)),
    "two empty lines before": Case("RFC 9112 §2.2", b"\r\n\r\n" + OK + ONE, whole(b"a")),
    "nothing": Case("RFC 9112 §8", b"", CUT),
    "a body without a head": Case("reports: HTTP/0.9 servers", b"<p>hello</p>", refused(NOT_HTTP)),
    "JSON without a head": Case("reports: sockets without HTTP", b'{"ok":true}\r\n\r\n', refused(NOT_HTTP)),
    "the banner of a mail server": Case("reports: a wrong port", b"220 mx ESMTP\r\n", refused(NOT_HTTP)),
    "an alert of TLS": Case(
        "reports: http:// to a port of TLS", b"\x15\x03\x01\x00\x02\x02\x46", refused(NOT_HTTP)
    ),
    "the preface of HTTP/2": Case(
        "RFC 9113 §3.4", b"\x00\x00\x00\x04\x00\x00\x00\x00\x00", refused(NOT_HTTP)
    ),
    "a byte order mark before": Case(
        "reports: scripts saved with a BOM", b"\xef\xbb\xbf" + OK + ONE, refused(NOT_HTTP)
    ),
    "the end of the body before": Case(
        "reports: wrong lengths on a kept connection", b"tail" + OK + ONE, refused(NOT_HTTP)
    ),
}
