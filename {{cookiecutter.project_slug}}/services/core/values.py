"""The kinds of value that keys of an upstream take, and what is wrong with others."""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Self
from urllib.parse import unquote, urlsplit

from msgspec import Meta, Struct

from services.core.outbound import header_values

Count = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(gt=0, le=1e9)]  # infinity is none


class Url(str):
    """An origin and a plain path."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("write a URL such as https://api.example.com")
        if re.search(r"[\s\\?#@]|/\.\.?(/|$)", unquote(value)):
            raise ValueError("write an origin and a plain path: no user, query, fragment or dots")
        _ = parts.port  # raises ValueError for a port that is none
        return super().__new__(cls, value)


class BaseUrl(Url):
    """One that paths are put below."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        return super().__new__(cls, value.rstrip("/"))


class ProxyUrl(str):
    """A proxy, and perhaps a user and a password of it."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        parts = urlsplit(value)
        if parts.scheme != "http" or not parts.hostname or parts.path.strip("/"):
            raise ValueError("write a URL such as http://user:password@proxy.example.com:3128")
        _ = parts.port
        return super().__new__(cls, value)


class User(str):
    """A user's name in Basic authentication, or a client's in OAuth2."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        if not re.fullmatch(r"[ -9;-~]+", value):
            raise ValueError("must be printable ASCII characters without a colon")
        return super().__new__(cls, value)


class Secret:
    """A text that no representation shows."""

    def __init__(self, value: Any) -> None:
        if not isinstance(value, str) or not re.fullmatch(r"[ -~]+", value):
            raise ValueError("must be printable ASCII characters, without a line break at its end")
        self._value = value

    def reveal(self) -> str:
        return self._value


class HeaderMap(dict[str, str]):
    """Headers by their names in lower case."""

    def __init__(self, value: Any) -> None:
        pairs = value.items() if isinstance(value, Mapping) else [(value, None)]
        if not all(isinstance(part, str) for pair in pairs for part in pair):
            raise ValueError('write a map such as {"X-Api-Key": "…"}')
        super().__init__(header_values(value))


def from_json(value: Any) -> Any:
    """Environment variables hold maps and lists as JSON."""
    return json.loads(value) if isinstance(value, str) and value[:1] in ("{", "[") else value


class OAuth2(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="upper"):
    """Where to fetch a token, and as whom: client credentials (RFC 6749 §4.4)."""

    token_url: Url
    client_id: User
    client_secret: Secret
    scope: str = ""


class Auth(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="upper"):
    """Credentials of this service at an upstream: exactly one of the three."""

    bearer: Secret | None = None
    basic: tuple[User, Secret] | None = None
    oauth2: OAuth2 | None = None

    def __post_init__(self) -> None:
        if sum(value is not None for value in (self.bearer, self.basic, self.oauth2)) != 1:
            raise ValueError("give exactly one of BEARER, BASIC, OAUTH2")
