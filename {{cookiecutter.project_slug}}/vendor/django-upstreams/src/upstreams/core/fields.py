"""The types of settings and of upstream keys; each refuses a wrong value with one clause."""

import re
from collections.abc import Iterable, Mapping
from ipaddress import ip_network
from typing import Annotated, Any, Self
from urllib.parse import unquote, urlsplit

from msgspec import Meta, Struct

from upstreams.core.urls import header_values

Count = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(gt=0, le=1e9)]  # finite
NotNegative = Annotated[float, Meta(ge=0, le=1e9)]
Rate = Annotated[float, Meta(gt=0, le=1e9)]
"""Calls per second."""
ORIGIN = re.compile(r"\*|https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[1-9][0-9]{0,4})?")

EVERY_PROXY = "*"
UNIX_SOCKET = "unix"


class Names(tuple[str, ...]):
    """A list of names, or text with commas: `a.example.com,b.example.com`."""

    __slots__ = ()

    def __new__(cls, value: str | Iterable[str]) -> Self:
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, Iterable) or not all(isinstance(part, str) for part in parts):
            raise ValueError("expected a list of names, or text with commas")
        return super().__new__(cls, filter(None, map(str.strip, parts)))


class Networks(Names):
    """IP addresses and networks of proxies; `*` means all, `unix` the other end of a Unix socket."""

    __slots__ = ()

    def __new__(cls, value: str | Iterable[str]) -> Self:
        names = super().__new__(cls, value)
        for name in names:
            if name not in (EVERY_PROXY, UNIX_SOCKET):
                ip_network(name)
        return names


class Origins(Names):
    """Origins exactly as browsers send them: in lower case, without a path or a default port; or `*`."""

    __slots__ = ()

    def __new__(cls, value: str | Iterable[str]) -> Self:
        names = super().__new__(cls, value)
        for name in names:
            if not ORIGIN.fullmatch(name) or re.fullmatch("http:.*:80|https:.*:443", name):
                raise ValueError(
                    f"write origins such as https://app.example.com,http://localhost:3000, or *; not {name}"
                )
        return names


class Url(str):
    """An origin and a plain path."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("write a URL such as https://api.example.com")
        if re.search(r"[\s\\?#@]|/\.\.?(/|$)", unquote(value)):
            raise ValueError("write an origin and a plain path: no user, query, fragment or dots")
        _ = parts.port  # raises ValueError for an invalid port
        return super().__new__(cls, value)


class BaseUrl(Url):
    """A URL that path templates are appended to."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        return super().__new__(cls, value.rstrip("/"))


class ProxyUrl(str):
    """The URL of an HTTP proxy, with or without a user and a password."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        parts = urlsplit(value)
        if parts.scheme != "http" or not parts.hostname or parts.path.strip("/"):
            raise ValueError("write a URL such as http://user:password@proxy.example.com:3128")
        _ = parts.port
        return super().__new__(cls, value)


class User(str):
    """A user name of Basic authentication, or a client id of OAuth2."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        if not re.fullmatch(r"[ -9;-~]+", value):
            raise ValueError("must be printable ASCII characters without a colon")
        return super().__new__(cls, value)


class Secret:
    """Text that no representation shows."""

    def __init__(self, value: Any) -> None:
        if not isinstance(value, str):
            raise TypeError("expected text")
        if not re.fullmatch(r"[ -~]+", value):
            raise ValueError("must be printable ASCII characters, without a line break at the end")
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def reveal(self) -> str:
        return self._value


class HeaderMap(dict[str, str]):
    """Headers by their names in lower case."""

    def __init__(self, value: Any) -> None:
        pairs = value.items() if isinstance(value, Mapping) else [(value, None)]
        if not all(isinstance(part, str) for pair in pairs for part in pair):
            raise ValueError('expected a dict such as {"X-Api-Key": "…"}')
        super().__init__(header_values(value))


class OAuth2(Struct, frozen=True, kw_only=True, rename="upper"):
    """The OAuth2 client credentials grant (RFC 6749 §4.4)."""

    token_url: Url
    client_id: User
    client_secret: Secret
    scope: str = ""


class Auth(Struct, frozen=True, kw_only=True, rename="upper"):
    """The credentials of this service at an upstream: exactly one of the three."""

    bearer: Secret | None = None
    basic: tuple[User, Secret] | None = None
    oauth2: OAuth2 | None = None

    def __post_init__(self) -> None:
        if sum(value is not None for value in (self.bearer, self.basic, self.oauth2)) != 1:
            raise ValueError("give exactly one of BEARER, BASIC, OAUTH2")
