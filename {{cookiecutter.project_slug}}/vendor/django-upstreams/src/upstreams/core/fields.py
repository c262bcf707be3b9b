"""The types of settings and of upstream keys; each refuses a wrong value with one clause."""

import re
from collections.abc import Callable, Iterable, Mapping
from ipaddress import ip_network
from os import PathLike, fspath
from typing import Annotated, Any, ClassVar, Self

from msgspec import Meta, Struct

from upstreams.core import hints
from upstreams.core.secrets import ClientSecret, Password, Secret, UserName
from upstreams.core.signer import Signer
from upstreams.core.url_fields import TokenUrl
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


class AddressRanges(Names):
    """IP addresses and networks, or `*` for all."""

    __slots__ = ()

    def __new__(cls, value: str | Iterable[str]) -> Self:
        names = super().__new__(cls, value)
        for name in names:
            try:
                ip_network(name if name != EVERY_PROXY else "::/0")
            except ValueError:
                raise ValueError(f"write networks such as 10.1.0.0/16, or *; not {name}") from None
        return names


class Origins(Names):
    """Origins exactly as browsers send them: in lower case, without a path or a default port; or `*`."""

    __slots__ = ()

    def __new__(cls, value: str | Iterable[str]) -> Self:
        names = super().__new__(cls, value)
        for name in names:
            default_port = ":80" if name.startswith("http:") else ":443"
            if not ORIGIN.fullmatch(name) or name.endswith(default_port):
                raise ValueError(
                    f"write origins such as https://app.example.com,http://localhost:3000, or *; not {name}"
                )
        return names


class FilePath(str):
    """The path of a file.

    Attributes:
        accepted: what it is made from, besides text.
    """

    __slots__ = ()
    accepted = (str, PathLike)

    def __new__(cls, value: str | PathLike[str]) -> Self:
        return super().__new__(cls, fspath(value))


class ClientId(str):
    """A client id of OAuth2."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        if not ClientSecret.pattern.fullmatch(value):
            raise ValueError(f"must be {ClientSecret.form}; if it is empty, its variable may be missing")
        return super().__new__(cls, value)


class HeaderMap(dict[str, str]):
    """Headers by their names in lower case.

    Attributes:
        changing: the headers whose value is in a file, or comes from a function.
    """

    def __init__(self, value: Any) -> None:
        if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
            raise ValueError('expected a dict such as {"X-Api-Key": "…"}')
        for name, content in value.items():
            if not isinstance(content, (str, PathLike)) and not callable(content):
                what = "must be text"
                if content is None:
                    what = "is None; the variable that it comes from may be missing"
                raise TypeError(f"header {name!r} {what}")
        super().__init__(header_values({name: text for name, text in value.items() if isinstance(text, str)}))
        self.changing = {
            name.lower(): _secret(name, source)
            for name, source in value.items()
            if not isinstance(source, str)
        }

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other) and self.changing == getattr(other, "changing", {})

    __hash__ = None  # as of any dict


def _secret(name: str, source: PathLike[str] | Callable[[], Any]) -> Secret:
    header_values({name: ""})  # refuses a name that is none
    try:
        return Secret(source)
    except ValueError as error:
        raise ValueError(f"header {name!r}: {error}") from None


class OAuth2(Struct, frozen=True, kw_only=True, rename="upper"):
    """The OAuth2 client credentials grant (RFC 6749 §4.4)."""

    hints: ClassVar[Mapping[str, str]] = hints.OAUTH2

    token_url: TokenUrl
    client_id: ClientId
    client_secret: ClientSecret
    scope: str = ""


class Auth(Struct, frozen=True, kw_only=True, rename="upper"):
    """The credentials of this service at an upstream: exactly one of the four."""

    hints: ClassVar[Mapping[str, str]] = hints.AUTH

    bearer: Secret | None = None
    basic: Annotated[tuple[UserName, Password] | None, Meta(examples=["[user, password]"])] = None
    oauth2: OAuth2 | None = None
    signer: Signer | None = None

    @classmethod
    def read_other(cls, value: Any) -> dict[str, Any]:
        """Return the dict that another value than one stands for: a function, or its dotted path.

        Raises:
            ValueError: it is none.
        """
        Signer(value)
        return {"SIGNER": value}

    def __post_init__(self) -> None:
        given = sum(value is not None for value in (self.bearer, self.basic, self.oauth2, self.signer))
        if given != 1:
            missing = "" if given else "; the variable that it comes from may be missing"
            raise ValueError(f"give exactly one of BEARER, BASIC, OAUTH2{missing}")
        if self.bearer is not None and self.bearer.reveal().lower().startswith("bearer "):
            raise ValueError('BEARER is the token alone; the word "Bearer" is added')
        if self.basic is not None and not any(part.function or part.reveal() for part in self.basic):
            raise ValueError("BASIC is empty; the variables that it comes from may be missing")
