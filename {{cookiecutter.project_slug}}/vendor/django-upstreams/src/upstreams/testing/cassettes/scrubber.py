"""Removes credentials: by the names of headers and fields, and then their values wherever else they occur."""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from html import escape
from urllib.parse import quote, quote_plus, unquote_plus

from upstreams.core.definition import Definition
from upstreams.core.secrets import Secret
from upstreams.core.urls import NO_CREDENTIALS

REMOVED = "REMOVED"
FIELDS = ("access_token", "api_key", "apikey", "client_secret", "id_token", "password", "refresh_token")
"""Fields of JSON and forms, and query parameters, that are always removed."""
PARAMETERS = ("auth", "key", "sig", "signature", "token", "x-amz-credential", "x-amz-security-token")
"""Query parameters that are removed, too; in JSON, these names may be anything."""
OF_RESPONSES = re.compile(
    r"api-?key|auth|cookie|credential|csrf|password|secret|session|signature|token|xsrf"
)
"""Parts of the names of response headers that may carry credentials."""
PUBLIC = {"connection", "content-length", "idempotency-key", "traceparent", "tracestate", "transfer-encoding"}
"""Request headers that are not recorded, but whose values are no credentials."""
VERSION = re.compile(r"v?\d+([.-]\d+)*", re.IGNORECASE)
SHORTEST = 8
"""Characters; a shorter value, such as `true`, occurs by chance."""
SHORTEST_OF_LOGINS = 4


class Scrubber:
    """Removes what may be a credential from the exchanges of an upstream.

    Args:
        names: of headers, query parameters, and fields of JSON and forms, beside those that are always removed.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = {name.lower() for name in names}
        self._secrets: set[str] = set()
        fields = [*FIELDS, *self._names]
        parameters = _any_of([*fields, *PARAMETERS])
        self._parameter = re.compile(rf"((?:^|[?&;])(?:{parameters})=)([^&;#\s\"'<>]+)", re.IGNORECASE)
        self._field = re.compile(rf"\"(?:{_any_of(fields)})\"\s*:\s*", re.IGNORECASE)
        self._part = re.compile(
            rf"(name=\"(?:{_any_of(fields)})\"[^\r\n]*(?:\r\n[^\r\n]+)*\r\n\r\n)([^\r\n]+)", re.IGNORECASE
        )

    def learn_settings(self, definition: Definition) -> None:
        """Remember the credentials in the settings of an upstream, as far as they are known."""
        if (auth := definition.auth) is not None:
            self._learn_secrets(auth.bearer, *(auth.basic or ())[1:])
            if auth.oauth2 is not None:
                self._learn_secrets(auth.oauth2.client_secret)
        self._learn_secrets(*definition.headers.changing.values())

    def request_headers(self, headers: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """Yield the headers that carry no credential, and remember the values of the others."""
        for name, value in headers:
            lower = name.lower()
            if lower in NO_CREDENTIALS and lower not in self._names:
                yield lower, value
            elif lower in ("authorization", "proxy-authorization"):
                self._learn(*_parts(value), shortest=SHORTEST_OF_LOGINS)
            elif lower == "cookie":
                self._learn(*(pair.partition("=")[2] for pair in value.split(";")))
            elif lower not in PUBLIC and not VERSION.fullmatch(value):
                self._learn(value)

    def response_headers(self, headers: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """Yield the headers that carry no credential, and remember the values of the others."""
        for name, value in headers:
            lower = name.lower()
            if lower == "set-cookie":
                self._learn(value.partition(";")[0].partition("=")[2])
            elif lower in self._names or OF_RESPONSES.search(lower):
                if not lower.endswith("authenticate"):  # a challenge
                    self._learn(value)
            else:
                yield lower, value

    def fields(self, text: str) -> str:
        """Return text without the values of named fields, and remember them."""
        text = self._parameter.sub(self._without(unquote_plus), text)
        return self._without_fields(self._part.sub(self._without(str), text))

    def values(self, text: str) -> str:
        """Return text without the values that are known, in any encoding in which they are likely to be repeated."""
        forms = {form for secret in self._secrets for form in _forms(secret)}
        if not forms:
            return text
        return re.sub(_any_of(sorted(forms, key=len, reverse=True)), REMOVED, text, flags=re.IGNORECASE)

    def _without(self, decode: Callable[[str], str]) -> Callable[[re.Match[str]], str]:
        def replace(found: re.Match[str]) -> str:
            self._learn(decode(found[2]))
            return found[1] + REMOVED

        return replace

    def _without_fields(self, text: str) -> str:
        """Remove fields of JSON, also in a stream of it, or of a body that was cut."""
        kept, start = [], 0
        while found := self._field.search(text, start):
            try:
                value, end = json.JSONDecoder().raw_decode(text, found.end())
            except (ValueError, RecursionError):  # cut
                value, end = text[found.end() :].lstrip('"'), len(text)
            is_number = isinstance(value, (int, float)) or value is None  # a decoder may insist on it
            if isinstance(value, str):
                self._learn(value)
            kept += [text[start : found.end()], "0" if is_number and value else f'"{REMOVED}"']
            if is_number and not value:
                kept[-1] = text[found.end() : end]
            start = end
        return "".join([*kept, text[start:]])

    def _learn_secrets(self, *secrets: Secret | None) -> None:
        known = (one.reveal() for one in secrets if one is not None and one.is_known)
        self._learn(*known, shortest=SHORTEST_OF_LOGINS)

    def _learn(self, *values: str, shortest: int = SHORTEST) -> None:
        self._secrets.update(value for value in map(str.strip, values) if len(value) >= shortest)
        self._secrets.discard(REMOVED)


def _any_of(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, words))


def _parts(value: str) -> Iterator[str]:
    """Yield what is secret in the value of `Authorization`, also the password in that of Basic."""
    scheme, _, rest = value.partition(" ")
    yield rest or scheme
    if scheme.lower() == "basic":
        try:
            pair = b64decode(rest).decode()
        except ValueError:
            return
        yield pair
        user, _, password = pair.partition(":")
        yield password or user  # some APIs take their key for the user


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield quote(secret, safe="")
    yield quote_plus(secret)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield escape(secret)
    yield b64encode(secret.encode("utf-8", "surrogateescape")).decode().rstrip("=")
