"""The kinds of value that keys of an upstream take, and what is wrong with others."""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Self
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from services.core.outbound import header_values


def url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("write a URL such as https://api.example.com")
    if re.search(r"[\s\\?#@]|/\.\.?(/|$)", unquote(value)):
        raise ValueError("write an origin and a plain path: no user, query, fragment or dots")
    _ = parts.port  # raises ValueError for a port that is none
    return value


def base_url(value: str) -> str:
    return url(value).rstrip("/")


def proxy_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme != "http" or not parts.hostname or parts.path.strip("/"):
        raise ValueError("write a URL such as http://user:password@proxy.example.com:3128")
    _ = parts.port
    return value


def headers(value: Mapping[str, str]) -> Mapping[str, str]:
    return header_values(value)


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("write a number")  # noqa: TRY004 - what pydantic expects
    return value


def _secret(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[ -~]+", value.get_secret_value()):
        raise ValueError("must be printable ASCII characters, without a line break at its end")
    return value


def _user(value: str) -> str:
    if not re.fullmatch(r"[ -9;-~]+", value):
        raise ValueError("must be printable ASCII characters without a colon")
    return value


def from_json(value: Any) -> Any:
    """Environment variables hold maps and lists as JSON."""
    return json.loads(value) if isinstance(value, str) and value[:1] in ("{", "[") else value


Count = Annotated[int, BeforeValidator(_number), Field(ge=1)]
Seconds = Annotated[float, BeforeValidator(_number), Field(gt=0, allow_inf_nan=False)]
Secret = Annotated[SecretStr, AfterValidator(_secret)]
User = Annotated[str, AfterValidator(_user)]
UPPER = ConfigDict(frozen=True, extra="forbid", alias_generator=str.upper)


class OAuth2(BaseModel):
    """Where to fetch a token, and as whom: client credentials (RFC 6749 §4.4)."""

    model_config = UPPER

    token_url: Annotated[str, AfterValidator(url)]
    client_id: User
    client_secret: Secret
    scope: str = ""


class Auth(BaseModel):
    """Credentials of this service at an upstream: exactly one of the three."""

    model_config = UPPER

    bearer: Secret | None = None
    basic: tuple[User, Secret] | None = None
    oauth2: OAuth2 | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(value is not None for value in (self.bearer, self.basic, self.oauth2)) != 1:
            raise ValueError("give exactly one of BEARER, BASIC, OAUTH2")
        return self
