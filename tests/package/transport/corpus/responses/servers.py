"""Whole responses in the style of kinds of server: their names, orders and habits."""

from transport.corpus.outcomes import Case, closes, whole

DATE = b"Date: Fri, 27 Nov 2026 10:00:00 GMT\r\n"
JSON = b"Content-Type: application/json\r\n"


def response(line, *fields, body=b"", length=True):
    head = [b"HTTP/1.1 " + line, *fields]
    if length:
        head.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join([*head, b"", body])


def lines(*lines):
    return b"\r\n".join(lines)


CASES = {
    "a reverse proxy without a backend": Case(
        "reports: 502 of a proxy with an HTML page",
        response(
            b"502 Bad Gateway",
            b"Server: proxy",
            DATE[:-2],
            b"Content-Type: text/html",
            b"Connection: keep-alive",
            body=b"<html></html>",
        ),
        whole(b"<html></html>", 502),
    ),
    "a static file with a range": Case(
        "RFC 9110 §15.3.7",
        response(
            b"206 Partial Content",
            b"Accept-Ranges: bytes",
            b"Content-Range: bytes 0-2/10",
            b'ETag: "5-1"',
            body=b"abc",
        ),
        whole(b"abc", 206),
    ),
    "a range that cannot be served": Case(
        "RFC 9110 §15.5.17",
        response(b"416 Range Not Satisfiable", b"Content-Range: bytes */10"),
        whole(b"", 416),
    ),
    "a framework with weak tags": Case(
        "reports: names in mixed capitals",
        response(
            b"200 OK", b"X-Powered-By: F", b'ETag: W/"2-vy"', JSON[:-2], b"Keep-Alive: timeout=5", body=b"{}"
        ),
        whole(b"{}"),
    ),
    "names in small letters": Case(
        "reports: gateways from HTTP/2",
        response(b"200 OK", b"server: g", b"content-type: application/json", b"x-request-id: 1", body=b"{}"),
        whole(b"{}"),
    ),
    "a script behind a gateway": Case(
        "RFC 3875 §6.3.3", response(b"200 OK", b"Status: 404 Not Found", body=b"no"), whole(b"no")
    ),
    "an application server in chunks": Case(
        "reports: one chunk for the whole body",
        response(b"200", JSON[:-2], b"Transfer-Encoding: chunked", DATE[:-2], length=False)
        + lines(b"2", b"{}", b"0", b"", b""),
        whole(b"{}"),
    ),
    "an object store that fails": Case(
        "reports: errors in XML",
        response(
            b"403 Forbidden",
            b"x-amz-request-id: A1",
            b"Content-Type: application/xml",
            b"Transfer-Encoding: chunked",
            length=False,
        )
        + lines(b"d", b"<Error/>\r\n   ", b"0", b"", b""),
        whole(b"<Error/>\r\n   ", 403),
    ),
    "a stream of events": Case(
        "reports: model APIs",
        response(
            b"200 OK",
            b"Content-Type: text/event-stream; charset=utf-8",
            b"Cache-Control: no-cache",
            b"Transfer-Encoding: chunked",
            length=False,
        )
        + lines(b"9", b"data: 1\n\n", b"e", b"data: [DONE]\n\n", b"0", b"", b""),
        whole(b"data: 1\n\ndata: [DONE]\n\n"),
    ),
    "a stream of events without framing": Case(
        "reports: event streams of small servers",
        response(b"200 OK", b"Content-Type: text/event-stream", b"Connection: close", length=False)
        + b"data: 1\n\n",
        closes(b"data: 1\n\n"),
    ),
    "a limit of calls": Case(
        "RFC 6585 §4",
        response(b"429 Too Many Requests", b"Retry-After: 1", b"X-RateLimit-Remaining: 0", body=b"{}"),
        whole(b"{}", 429),
    ),
    "a load balancer of version 1.0": Case(
        "reports: 503 that ends the connection",
        lines(
            b"HTTP/1.0 503 Service Unavailable",
            b"Cache-Control: no-cache",
            b"Connection: close",
            b"",
            b"<h1>503</h1>",
        ),
        closes(b"<h1>503</h1>", 503),
    ),
    "a legacy server with a length and close": Case(
        "reports: servers of devices",
        response(b"200 OK", b"Server: device/1.0 UPnP/1.0", b"EXT:", b"CONNECTION: CLOSE", body=b"on"),
        closes(b"on"),
    ),
    "two cookies": Case(
        "RFC 6265 §3",
        response(
            b"200 OK",
            b"Set-Cookie: a=1; Path=/",
            b"Set-Cookie: b=2; Expires=Fri, 27 Nov 2026 10:00:00 GMT",
            body=b"ok",
        ),
        whole(b"ok"),
    ),
    "a policy of 6,000 bytes": Case(
        "reports: security headers",
        response(b"200 OK", b"Content-Security-Policy: " + b"script-src a; " * 430, body=b"ok"),
        whole(b"ok"),
    ),
    "a coding that is none": Case(
        "reports: charset as coding",
        response(b"200 OK", b"Content-Encoding: UTF-8", body=b"{}"),
        whole(b"{}"),
    ),
    "a challenge": Case(
        "RFC 9110 §11.6.1",
        response(b"401 Unauthorized", b'WWW-Authenticate: Basic realm="a, b", Bearer', body=b"no"),
        whole(b"no", 401),
    ),
    "a proxy in between": Case(
        "RFC 9110 §7.6.3",
        response(b"200 OK", b"Via: 1.0 a, 1.1 b (c)", b"Age: 12", b"X-Cache: HIT", body=b"ok"),
        whole(b"ok"),
    ),
    "a signature beside the chunks": Case(
        "RFC 9110 §6.6.2",
        response(b"200 OK", b"Trailer: Digest", b"Transfer-Encoding: chunked", length=False)
        + lines(b"2", b"ok", b"0", b"Digest: sha-256=a", b"", b""),
        whole(b"ok"),
    ),
    "a created thing": Case(
        "RFC 9110 §15.3.2",
        response(b"201 Created", b"Location: /things/1", b"Content-Location: /things/1"),
        whole(b"", 201),
    ),
    "many responses in one": Case(
        "RFC 4918 §13", response(b"207 Multi-Status", b"DAV: 1, 2", body=b"<d/>"), whole(b"<d/>", 207)
    ),
    "a teapot": Case("RFC 2324 §2.3.2", response(b"418 I'm a teapot", body=b"short"), whole(b"short", 418)),
    "what is not for everybody": Case(
        "RFC 7725 §3",
        response(b"451 Unavailable For Legal Reasons", b'Link: <a>; rel="blocked-by"'),
        whole(b"", 451),
    ),
}
