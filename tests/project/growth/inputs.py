"""Seeded requests that nobody wrote down: hostile texts in every place of a request, and bytes changed at random."""

import gzip
import json
from collections.abc import Callable
from random import Random
from urllib.parse import quote

from growth.clients import CLOSES
from growth.strangers import ABANDONED, RESPONDED_TO, TOKEN, chunked, raw

PATHS = (
    "/",
    "/v1/",
    "/v1/favourites",
    "/v1/favourites?limit=",
    "/v1/favourites?before=",
    "/v1/favourites/",
    "/v1/quotes/random",
    "/v1/quotes/by/",
    "/v1/quotes/export",
    "/admin/",
    "/admin/login/",
    "/admin/login/?next=",
    "/admin/users/user/",
    "/static/admin/css/base.css",
    "/static/",
    "/livez",
    "/readyz",
    "/metrics",
    "/echo",
    "/call/",
    "/call-cached?",
    "/stream",
    "/file",
)
TEXTS = (
    "",
    "a",
    "\0",
    "\r\nSet-Cookie: a=b",
    "../../etc/passwd",
    "..;/",
    "%2e%2e%2f",
    "%252e",
    "%",
    "%zz",
    "%s%n",
    "{x}",
    "{{7*7}}",
    "${PATH}",
    "<script>",
    "' OR 1=1--",
    "- at `$" + "[" * 3000,
    "\u202e",
    "\U0001f600" * 300,
    "\ud800",
    "0",
    "-1",
    "9" * 30,
    "9" * 5000,
    "1e999",
    "NaN",
    "true",
    "null",
    "x" * 9000,
    "a=1&" * 3000,
    "http://[::1",
    "https://evil.test:99999",
)
HEADERS = (
    "Accept",
    "Accept-Language",
    "Authorization",
    "Content-Encoding",
    "Content-Type",
    "Cookie",
    "Expect",
    "Forwarded",
    "Host",
    "If-Modified-Since",
    "If-None-Match",
    "Origin",
    "Range",
    "Referer",
    "Transfer-Encoding",
    "Upgrade",
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "X-Request-ID",
    "baggage",
    "traceparent",
    "tracestate",
)
METHODS = ("GET", "GET", "HEAD", "POST", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW")
CSRF = "a" * 32
FORM = "application/x-www-form-urlencoded"
ALL = {**RESPONDED_TO, **ABANDONED}
SORTS = [made for name, made in ALL.items() if "fail" not in name and name != "exceptions"]
"""Those of test_growth.py, without the views that raise on purpose."""


def hostile(seed: int) -> bytes:
    """The request of this number, always the same."""
    random = Random(seed)
    made = random.choice((composed, composed, composed, login, written, pipelined, known))(random)
    if random.random() < 0.9:  # else its client waits for more
        made = made.replace(b"\r\n", b"\r\n" + CLOSES, 1)
    return changed(random, made) if random.random() < 0.3 else made


def composed(random: Random) -> bytes:
    path = random.choice(PATHS) + _in_url(random)
    headers = {name: _in_header(random) for name in random.sample(HEADERS, random.choice((0, 1, 2, 5)))}
    body = random.choice(BODIES)(random) if random.random() < 0.5 else b""
    return raw(path, headers, random.choice(METHODS), body)


def login(random: Random) -> bytes:
    """A form of the admin, good enough to be read."""
    fields = {"username": _in_form(random), "password": _in_form(random), "csrfmiddlewaretoken": CSRF}
    more = {_in_form(random): "a" for _ in range(random.choice((0, 1, 2000)))}
    body = "&".join(f"{name}={value}" for name, value in {**fields, **more}.items()).encode()
    kind = random.choice((FORM, FORM, "multipart/form-data", "multipart/form-data; boundary=x", "text/plain"))
    headers = {"Content-Type": kind, "Cookie": f"csrftoken={CSRF}", "Origin": "https://target.test"}
    return raw(f"/admin/login/{random.choice(('', '?next=' + _in_url(random)))}", headers, "POST", body)


def written(random: Random) -> bytes:
    """What a client with a token writes."""
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    return raw("/v1/favourites", headers, "POST", random.choice(BODIES)(random))


def pipelined(random: Random) -> bytes:
    return composed(random) + composed(random)


def known(random: Random) -> bytes:
    return random.choice(SORTS)(random.randrange(10**6))


def changed(random: Random, request: bytes) -> bytes:
    """Cut it, or change, insert, drop or repeat a few of its bytes."""
    found = bytearray(request)
    for _ in range(random.choice((1, 2, 8))):
        at = random.randrange(min(len(found), 400) + 1)
        kind = random.randrange(5)
        if kind == 0:
            found[at : at + 1] = bytes([random.randrange(256)])
        elif kind == 1:
            found[at:at] = random.choice((b"\0", b"\r", b"\n", b"\r\n\r\n", b" ", b":", b"\xff", b"%"))
        elif kind == 2:
            del found[at : at + random.randrange(20)]
        elif kind == 3:
            found[at:at] = found[at : at + random.randrange(50)] * random.choice((1, 20))
        else:
            del found[random.randrange(len(found) + 1) :]
    return bytes(found)


def _in_url(random: Random) -> str:
    text = random.choice(TEXTS)
    written = quote(text.encode(errors="surrogatepass"))
    return random.choice((written, written, text.encode("ascii", "replace").decode()))


def _in_form(random: Random) -> str:
    return quote(random.choice(TEXTS).encode(errors="surrogatepass"))


def _in_header(random: Random) -> str:
    text = random.choice(
        (*TEXTS, f"Bearer {TOKEN}", "multipart/form-data", "application/json", "gzip", "chunked")
    )
    return text.replace("\ud800", "\ufffd")


def _json(random: Random) -> bytes:
    value: object = random.choice(TEXTS)
    for _ in range(random.choice((0, 1, 2, 400))):
        value = random.choice(([value], {"text": value}))
    keys = random.sample(("text", "author", "id", random.choice(TEXTS)), random.randrange(1, 5))
    return json.dumps({key: value if random.random() < 0.5 else "a" for key in keys}).encode()


BODIES: tuple[Callable[[Random], bytes], ...] = (
    _json,
    _json,
    lambda random: _json(random)[: random.randrange(60)],
    lambda random: b'{"text": "\\ud800", "author": "\\u0000"}',
    lambda random: b"[" * 100_000,
    lambda random: b"9" * 100_000,
    lambda random: gzip.compress(b"x" * 100_000),
    lambda random: random.randbytes(2000),
    lambda random: "&".join(f"{_in_form(random)}={_in_form(random)}" for _ in range(20)).encode(),
    lambda random: b'--x\r\nContent-Disposition: form-data; name="a"; filename="' + random.randbytes(40),
    lambda random: chunked(random.randbytes(100), 7).partition(b"\r\n\r\n")[2],
)
