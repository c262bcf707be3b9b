"""`settings.UPSTREAMS`, parsed: alias -> `Definition`, or one sentence for each thing that is wrong."""

import difflib
import functools
import re
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from msgspec import Meta, Struct

from services.core.http import Headers, Request, httpx
from services.core.typed import Mismatch, converted
from services.core.values import Auth, BaseUrl, Count, HeaderMap, ProxyUrl, Seconds, from_json

ALIAS = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LOOPBACK = re.compile(r"localhost|127(\.\d+){3}|::1")


class Definition(Struct, frozen=True, kw_only=True, dict=True, rename="upper"):
    """One entry of `settings.UPSTREAMS`. Keys are upper-case, times are seconds, sizes bytes."""

    alias: str
    base_url: BaseUrl
    allow_http: bool = False
    """Plain HTTP beyond this host is refused in production unless this is set."""
    total: Seconds = 10.0
    """Over the whole call: waiting, all attempts, the whole body. For a stream, until its headers."""
    connect: Seconds = 1.0
    """DNS, TCP and TLS together."""
    idle: Seconds = 10.0
    """Between two chunks of a streamed body."""
    opening: Seconds = 5.0
    """For `on_open`."""
    required: bool = False
    """This service is not ready while its `ping` fails. A shared upstream makes all replicas unready at once."""
    attempt: Seconds = 3.0
    """Over one attempt."""
    attempts: Count = 3
    """How often a call is tried, where that is safe; 1 never tries again."""
    backoff: Seconds = 0.05
    """Before the second attempt, at most; doubled for each further one, twenty times that after 429 and 503."""
    max_backoff: Seconds = 5.0
    retry_budget: Annotated[float, Meta(ge=0, le=1)] = 0.2
    """Retries a call, on average; three a second are always allowed."""
    breaker: Annotated[float, Meta(gt=0, le=1)] = 0.5
    """The share of failed calls from which the upstream is left alone."""
    breaker_calls: Count = 20
    """How many calls there have to be."""
    breaker_window: Seconds = 10.0
    """Over which calls are counted."""
    breaker_open: Seconds = 5.0
    """How long the upstream is left alone."""
    rate: Seconds | None = None
    """Calls a second that the upstream allows."""
    max_connections: Count = 20
    """Calls in flight."""
    max_waiting: Annotated[int, Meta(ge=0)] | None = None
    """Calls that may wait for a connection; twice `MAX_CONNECTIONS` unless told."""
    max_wait: Seconds = 0.5
    """For a connection."""
    cache: bool = False
    """Keep answers in memory as long as RFC 9111 allows."""
    deadline_header: str | None = None
    """A header that tells the upstream how long we will wait, in milliseconds."""
    keepalive: Seconds = 4.0
    """Idle connections are kept this long: below the other side's limit (uvicorn: 5)."""
    max_age: Seconds = 120.0
    """A connection is renewed after this time, ± 20 %, so that new addresses and certificates are seen."""
    reuse: bool = True
    """False gives each call a connection of its own, for an upstream that is not trusted."""
    max_body: Count = 10 * 1024 * 1024
    """Of an answer that is not streamed, decoded."""
    headers: HeaderMap = msgspec.field(default_factory=lambda: HeaderMap({}))
    """Sent with every request."""
    auth: Auth | None = None
    proxy: ProxyUrl | None = None
    ca: str | None = None
    """A file of certificates to trust instead of the system's."""
    cert: str | tuple[str, str] | None = None
    """Our own certificate: a file, or a pair of certificate file and key file."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.alias!r})"  # headers and proxies hold passwords

    @functools.cached_property
    def sent_headers(self) -> Headers:
        """What every request begins with: `Host` and `HEADERS`."""
        headers = Request("GET", self.base_url, headers=self.headers).headers
        headers.encoding = "ascii"  # what they are; else each copy looks for it
        return headers

    @property
    def is_plain_http(self) -> bool:
        """Whether requests would cross a network unencrypted, without leave to do so."""
        urls = [urlsplit(self.base_url)]
        if self.auth is not None and self.auth.oauth2 is not None:
            urls.append(urlsplit(self.auth.oauth2.token_url))
        plain = (url.scheme == "http" and not LOOPBACK.fullmatch(url.hostname or "") for url in urls)
        return any(plain) and not self.allow_http


FIELDS = {field.encode_name: field for field in msgspec.structs.fields(Definition) if field.name != "alias"}


def parse(upstreams: Mapping[str, Any]) -> tuple[dict[str, Definition], list[str]]:
    """Validate `settings.UPSTREAMS`: the valid definitions, and one sentence for each thing that is wrong."""
    definitions: dict[str, Definition] = {}
    problems: list[str] = []
    for alias, keys in upstreams.items():
        where = f'UPSTREAMS["{alias}"]'
        if not ALIAS.fullmatch(str(alias)):
            problems.append(f"{where}: an alias is lower-case letters, digits and single underscores")
        elif not isinstance(keys, Mapping):
            problems.append(where + ': write a dict such as {"BASE_URL": "https://api.example.com"}')
        else:
            definition, wrong = _definition(alias, keys)
            problems += [f'{where}["{key}"]{what}' for key, what in wrong]
            if definition is not None:
                definitions[alias] = definition
    problems += [
        f'UPSTREAMS["{alias}"]["BASE_URL"]: plain HTTP in production; write https://, '
        'or set "ALLOW_HTTP": True if the network encrypts'
        for alias, definition in definitions.items()
        if definition.is_plain_http and not settings.DEBUG
    ]
    return definitions, problems


def meant(word: str, known: Iterable[str]) -> str:
    """A clause that names the most likely correct spelling, or all of them."""
    known = sorted(known)
    close = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known are {', '.join(known) or 'none'}"


def _definition(alias: str, keys: Mapping[str, Any]) -> tuple[Definition | None, list[tuple[str, str]]]:
    given: dict[str, Any] = {"alias": alias}
    wrong = [(str(key), f": unknown key; {meant(str(key), FIELDS)}") for key in keys if key not in FIELDS]
    for key, field in FIELDS.items():
        try:
            if key in keys:
                given[field.name] = converted(from_json(keys[key]), field.type)
            elif field.required:
                wrong.append((key, ": is missing"))
        except Mismatch as error:
            path = "".join(f'["{part}"]' for part in error.where.split(".") if part)
            wrong.append((key, f"{path}: {error.what}"))
        except ValueError as error:
            wrong.append((key, f": write JSON, {error}"))
    if wrong:
        return None, wrong
    definition = Definition(**given)
    if "attempt" in given and definition.attempt > definition.total:
        wrong.append(("ATTEMPT", f": an attempt may not take longer than TOTAL, {definition.total:.3g} s"))
    if definition.cache and find_spec("hishel") is None:
        wrong.append(("CACHE", f": needs a library: uv add 'hishel[{httpx.__name__}]>=2,<3'"))
    return (None if wrong else definition), wrong


@functools.cache
def configured() -> Mapping[str, Definition]:
    """The definitions in settings.

    Raises:
        ImproperlyConfigured: with a sentence for each thing that is wrong.
    """
    definitions, problems = parse(settings.UPSTREAMS)
    if problems:
        raise ImproperlyConfigured("; ".join(problems))
    return definitions
