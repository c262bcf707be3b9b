"""The types of URLs in settings; each refuses a wrong one with one clause."""

import functools
import os
import re
import sys
from typing import Self
from urllib.parse import SplitResult, unquote, urlsplit

from upstreams.core.httpx import httpx

LOOPBACK = re.compile(r"localhost|127(\.\d+){3}|::1")
LEADS_ELSEWHERE = re.compile(r"[\x00-\x1f\x7f\\]|/\.\.?(/|$)")
"""In a path, decoded."""
_SOCKS = "of SOCKS, version 5 is supported: write socks5://proxy.example.com:1080; or, for HTTP, "
SOCKS = ("socks5", "socks5h")
UNSUPPORTED_PROXIES = {
    "https": "an https:// proxy is not supported; through an http:// one, TLS reaches to the upstream, too: ",
    **dict.fromkeys(("socks", "socks4", "socks4a"), _SOCKS),
}
"""Schemes of proxies that people write -> why they are refused."""
MAX_SOCKET_PATH = 107 if sys.platform == "linux" else 103
"""Bytes of `sun_path`, without the one that ends it."""
TRANSPORTS = {
    "http1": "HTTP/1.1 of this package",
    "http2": "HTTP/2 of the HTTP library",
    "httpx": "HTTP/1.1 of the HTTP library, also through SOCKS",
    "aiohttp": "HTTP/1.1 of aiohttp",
}
"""Values of `TRANSPORT` -> what they are."""


class Url(str):
    """An origin and a plain path.

    Attributes:
        refused: what it must not hold.
        form: what to write instead.
    """

    __slots__ = ()
    refused = re.compile(r"[\x00-\x20\x7f\s\\?#]")
    form = "an origin and a plain path: no user, query, fragment or dots"

    def __new__(cls, value: str) -> Self:
        parts = _parts(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("write a URL such as https://api.example.com")
        if cls.refused.search(value) or "@" in parts.netloc or LEADS_ELSEWHERE.search(unquote(parts.path)):
            raise ValueError(f"write {cls.form}{_instead(value)}")
        return super().__new__(cls, value)


def _parts(url: str) -> SplitResult:
    """Return the parts of a URL; the library's own message about one that has none may hold a password."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        fix = "; in a password, / is %2F, # is %23 and ? is %3F" if "@" in url else ""
        raise ValueError(f"the host or the port is not valid{fix}") from None
    return parts


def _instead(url: str) -> str:
    """Return the clause that says where the parts belong that are not part of a base URL."""
    if "@" in urlsplit(url).netloc:
        return '; a user and a password are "AUTH": {"BASIC": [user, password]}'
    if "?" in url:
        return "; a query is the params= of a call, a key mostly one of HEADERS"
    return "; a space is %20" if " " in url.strip() else ""


class BaseUrl(Url):
    """A URL that path templates are appended to."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        return super().__new__(cls, value.rstrip("/"))


class TokenUrl(Url):
    """The address of a token endpoint, which may have a query (RFC 6749 §3.2)."""

    __slots__ = ()
    refused = re.compile(r"[\x00-\x20\x7f\s\\#]")
    form = "an address without a user, a fragment or dots"


class ProxyUrl(str):
    """The URL of a proxy for HTTP or of SOCKS5, with or without a user and a password."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        parts = _parts(value)
        if parts.scheme not in ("http", *SOCKS) or not parts.hostname or parts.path.strip("/"):
            why = UNSUPPORTED_PROXIES.get(parts.scheme, "")
            raise ValueError(f"{why}write a URL such as http://user:password@proxy.example.com:3128")
        return super().__new__(cls, value)

    @property
    def is_socks(self) -> bool:
        """Whether the proxy speaks SOCKS."""
        return urlsplit(self).scheme in SOCKS


class SocketPath(str):
    """The path of a Unix socket."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        if not value.startswith("/") or "\0" in value:
            raise ValueError("write the absolute path of the socket, such as /run/quotes/http.sock")
        if len(os.fsencode(value)) > MAX_SOCKET_PATH:
            raise ValueError(
                f"is longer than {MAX_SOCKET_PATH} bytes, the most that the system allows; shorten it"
            )
        return super().__new__(cls, value)


class TransportName(str):
    """What speaks HTTP to an upstream."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        if value not in TRANSPORTS:
            known = ", ".join(f'"{one}" ({what})' for one, what in TRANSPORTS.items())
            raise ValueError(f"write one of {known}")
        return super().__new__(cls, value)


def origin(url: httpx.URL) -> tuple[str, bytes, int | None]:
    """Return the scheme, the host and the port of a URL; the port is None where it is that of the scheme."""
    return url.scheme, url.raw_host, url.port


@functools.lru_cache(128)
def origin_of_settings(url: str) -> tuple[str, bytes, int | None]:
    """Return the origin of a URL in the settings, of which there are few."""
    return origin(httpx.URL(url))


def is_plain_http(url: str) -> bool:
    """Return whether a URL leads beyond this host unencrypted."""
    parts = urlsplit(url)
    return parts.scheme == "http" and not LOOPBACK.fullmatch(parts.hostname or "")
