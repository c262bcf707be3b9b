"""What strangers send: a sort of request for each thing that they could make a process keep."""

from collections.abc import Callable, Mapping

Sort = Callable[[int], bytes]
LONG = "x" * 4000
TOKEN = "token_" + "a" * 43
"""The key of a client that may write."""
FORM = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n%b\r\n--x--\r\n'
UPGRADE = {
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def raw(
    path: str = "/echo",
    headers: Mapping[str, str] | None = None,
    method: str = "GET",
    body: bytes = b"",
    length: int | None = None,
) -> bytes:
    """A request; `length` of a body that is not all sent."""
    fields = {"Host": "target.test", "X-Forwarded-Proto": "https", **(headers or {})}
    if body or length:
        fields = {"Content-Length": str(length or len(body)), **fields}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def upload(path: str, size: int, sent: float = 1) -> bytes:
    """A form with a file, of which a part is sent."""
    form = FORM % (b"a" * size)
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    return raw(path, kind, "POST", form[: int(len(form) * sent)], len(form))


def chunked(body: bytes, size: int, trailers: bytes = b"") -> bytes:
    parts = (body[start : start + size] for start in range(0, len(body), size))
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    return raw("/echo", {"Transfer-Encoding": "chunked"}, "POST") + chunks + b"0\r\n" + trailers + b"\r\n"


RESPONDED_TO: dict[str, Sort] = {
    "paths": lambda n: raw(f"/missing/{n}/{LONG}"),
    "paths of a view": lambda n: raw(f"/admin/{n}/{LONG}"),
    "queries": lambda n: raw(f"/echo?{n}={LONG}"),
    "hosts": lambda n: raw(headers={"Host": f"{n}.{LONG}.target.test"}),
    "foreign hosts": lambda n: raw(headers={"Host": f"{n}.{LONG}.evil.test"}),
    "methods": lambda n: raw(method=f"BREW{n}"),
    "known methods": lambda n: raw(method=("PROPFIND", "MKCOL", "TRACE", "OPTIONS", "PURGE")[n % 5]),
    "cookies": lambda n: raw(headers={"Cookie": "; ".join(f"c{n}-{i}={LONG[:50]}" for i in range(80))}),
    "sessions": lambda n: raw("/admin/", {"Cookie": f"sessionid={n:032}; csrftoken={n:032}"}),
    "names of headers": lambda n: raw(headers={f"X-{n}-{i}": LONG[:40] for i in range(80)}),
    "many headers": lambda n: raw(headers={f"X{i}": "" for i in range(2000)}),
    "content types": lambda n: raw(headers={"Content-Type": f"{n}/{LONG}"}, method="POST", body=b"{}"),
    "character sets": lambda n: raw(headers={"Content-Type": f"text/plain; charset={n}{LONG}"}),
    "character sets of RFC 2231": lambda n: raw(headers={"Content-Type": f"text/plain; a*={n}{LONG}'en'%41"}),
    "languages": lambda n: raw(
        headers={"Accept-Language": f"{chr(97 + n % 26)}-{n}, de;q=0.5", "Accept": f"a/{n}"}
    ),
    "origins": lambda n: raw("/admin/login/", {"Origin": f"https://{n}.{LONG}"}, "POST", b"a=b"),
    "referers": lambda n: raw("/admin/login/", {"Referer": f"https://{n}.test/{LONG}"}, "POST", b"a=b"),
    "request ids": lambda n: raw(headers={"X-Request-ID": f"{n}", "Idempotency-Key": f"{n}{LONG}"}),
    "traces": lambda n: raw(headers={"traceparent": f"00-{n:032x}-{n:016x}-01", "baggage": f"a{n}={LONG}"}),
    "addresses": lambda n: raw(
        headers={"X-Forwarded-For": f"fe80::{n}%{LONG}, 10.{n % 250}.{n // 250 % 250}.1"}
    ),
    "proxies with a zone": lambda n: raw(
        headers={"X-Forwarded-For": f"127.0.0.{n % 250}, ::1, fe80::1%{n}{LONG}"}
    ),
    "tokens": lambda n: raw("/v1/favourites", {"Authorization": f"Bearer token_{n:043}"}, "POST", b"{}"),
    "logins": lambda n: raw(
        "/admin/login/",
        {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"csrftoken={'a' * 32}",
            "Origin": "https://target.test",
            # Each from an address of its own, or the limit of logins would refuse it.
            "X-Forwarded-For": f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}",
        },
        "POST",
        f"username=user-{n}&password=p&csrfmiddlewaretoken={'a' * 32}".encode(),
    ),
    "queries of pages": lambda n: raw(f"/v1/favourites?limit={n}&before={n}{LONG}"),
    "parameters of upstreams": lambda n: raw(f"/call/{n}-{LONG}"),
    "parameters beyond ASCII": lambda n: raw(f"/call/{n}-" + "%F0%9F%98%80" * 600),
    "cached URLs": lambda n: raw(f"/call-cached?{n}={LONG}"),
    "static files": lambda n: raw(f"/static/{n}/{LONG[:200]}"),
    "ranges": lambda n: raw("/static/admin/css/base.css", {"Range": f"bytes={n}-{n + 9}"}),
    "WebSockets": lambda n: raw(headers={**UPGRADE, "Upgrade": "websocket"}),
    "h2c": lambda n: raw(
        headers={"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c"}, method="POST", body=b"a"
    ),
    "parts of 1 byte": lambda n: chunked(b"a" * 1000, 1),
    "trailers": lambda n: chunked(b"a" * 100, 10, b"X-%d: %b\r\n" % (n, LONG.encode())),
    "bodies": lambda n: raw(
        "/echo", {"Content-Type": "application/x-www-form-urlencoded"}, "POST", b"a=%d&" % n * 100
    ),
    "uploads": lambda n: upload("/echo", 3_000_000) if n % 20 == 0 else upload("/echo", 30_000),
    "uploads that fail": lambda n: upload("/fails", 3_000_000) if n % 20 == 0 else upload("/fails", 30_000),
    "exceptions": lambda n: raw(f"/fails?x={n}{LONG}"),
    "large bodies": lambda n: raw("/echo", {}, "POST", b"x", 20_000_000),
    "bad forms": lambda n: raw("/echo", {"Content-Type": "multipart/form-data"}, "POST", b"a=b"),
    "bad JSON": lambda n: raw("/v1/favourites", {"Content-Type": "application/json"}, "POST", b'{"a":'),
    "no HTTP": lambda n: b"\x16\x03\x01%d\r\n\r\n" % n,
    "HTTP/1.0": lambda n: raw().replace(b"HTTP/1.1", b"HTTP/1.0"),
}
"""Read to the end of their response."""

ABANDONED: dict[str, Sort] = {
    "idle connections": lambda n: b"",
    "half heads": lambda n: raw()[:-2] + b"X-%d: %b" % (n, LONG.encode()),
    "half heads of small headers": lambda n: raw()[:-2] + b"a:\r\n" * 15_000,
    "expectations": lambda n: raw(headers={"Expect": "100-continue"}, method="POST", length=1000),
    "half bodies": lambda n: upload("/echo", 3_000_000 if n % 20 == 0 else 30_000, 0.9),
    "requests": lambda n: raw("/waits"),
    "requests in a thread": lambda n: raw("/waits-in-thread"),
    "uploads in a view": lambda n: upload("/waits", 3_000_000 if n % 20 == 0 else 30_000),
    "uploads in a thread": lambda n: upload("/waits-in-thread", 3_000_000 if n % 20 == 0 else 30_000),
    "downloads of a file": lambda n: raw("/file"),
    "downloads of a stream": lambda n: raw("/stream"),
    "pipelines": lambda n: raw("/file") + raw() * 1000,
    "pipelines behind a view": lambda n: raw("/waits") + raw() * 1000,
}
"""Sent, and then the client leaves without having read much."""

FILLS_CACHES = {
    "languages": 1100,
    "addresses": 1100,
    "proxies with a zone": 1100,
    "logins": 4000,
}
"""Requests that fill what has a limit: caches of languages and proxies, and the threads of views."""
FILLS_MEMORY = {"cached URLs": 750}
"""Requests that fill what has a limit in bytes, which few requests notice, too: 64 MiB of responses of 100 KB."""
