"""`settings.UPSTREAMS` as `Definition` objects, or one sentence for each mistake."""

import functools
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import msgspec
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from msgspec import Meta, Struct

from upstreams.core import hints
from upstreams.core.aliases import ALIAS, DEFAULTS, aliases, refused_alias
from upstreams.core.contradictions import contradictions
from upstreams.core.fields import AddressRanges, Auth, Count, FilePath, HeaderMap, NotNegative, Rate, Seconds
from upstreams.core.httpx import Headers, Request
from upstreams.core.keys import expected_dict, key_of, read_keys
from upstreams.core.mocked import with_mocks
from upstreams.core.url_fields import BaseUrl, ProxyUrl, SocketPath, TransportName, is_plain_http

CERT_FORM = Meta(examples=["a file, or [certificate file, key file]"])


class Definition(Struct, frozen=True, kw_only=True, dict=True, rename="upper"):
    """One entry of `settings.UPSTREAMS`. Keys are in capitals, times in seconds, sizes in bytes."""

    hints: ClassVar[Mapping[str, str]] = hints.UPSTREAM

    alias: str
    base_url: BaseUrl
    allow_http: bool = False
    """Allow plain HTTP to other hosts in production, for a network that encrypts."""
    timeout: Seconds = 10.0
    """For the whole call: waiting, all attempts and the whole body. For a stream, until its headers."""
    connect_timeout: Seconds = 1.0
    """For DNS, TCP and TLS together."""
    stream_idle_timeout: Seconds = 10.0
    """Between two chunks of a streamed body."""
    startup_timeout: Seconds = 5.0
    """For `on_startup`."""
    required: bool = False
    """`/readyz` is 503 while `health_check` fails. A shared upstream takes all replicas out at once."""
    attempt_timeout: Seconds | None = None
    """For one attempt; unless set, an attempt may take all the time that is left of `TIMEOUT`."""
    max_attempts: Count = 3
    """Attempts of a call that is safe to retry; 1 turns retries off."""
    backoff: Seconds = 0.05
    """Longest wait before the second attempt; doubled for each further one, 20 times that after 429 and 503."""
    max_backoff: Seconds = 5.0
    """Longest wait before any attempt, unless the upstream asks for more by `Retry-After`."""
    retry_budget: Annotated[float, Meta(ge=0, le=1)] = 0.2
    """Retries per call, on average; three a second are always allowed."""
    breaker_failure_ratio: Annotated[float, Meta(gt=0, le=1)] = 0.5
    """Share of failed calls at which the circuit breaker opens."""
    breaker_minimum_calls: Count = 20
    """Calls in the window below which it does not open."""
    breaker_window: Seconds = 10.0
    """Over which calls are counted."""
    breaker_connect_failures: Count = 10
    """Calls in a row without a connection that open it, however few there were."""
    breaker_open_time: Seconds = 0.05
    """Longest time for which an open breaker refuses calls, before it lets the first one through as a probe."""
    breaker_max_open_time: Seconds = 5.0
    """Longest time between two probes, however many have failed."""
    rate_limit: Rate | None = None
    """Calls per second that the upstream allows."""
    max_connections: Count = 20
    """Calls in flight, without streams."""
    max_streams: Count | None = None
    """Streams in flight; as many as `MAX_CONNECTIONS` unless set, in addition to those."""
    queue_size: Annotated[int, Meta(ge=0)] | None = None
    """Calls, and likewise streams, that may wait for a connection; twice their limit unless set."""
    queue_timeout: Seconds = 0.5
    """For the wait for a connection."""
    cache: bool = False
    """Cache responses, as RFC 9111 allows."""
    cache_stale_if_error: NotNegative | None = None
    """For which a stale response is returned while the upstream fails, if it says nothing about it (RFC 5861)."""
    cache_stale_while_revalidate: NotNegative | None = None
    """For which a stale response is returned while a new one is fetched, if it says nothing about it."""
    coalesce: bool = False
    """Make one request of identical GETs that are in flight."""
    shared: bool = False
    """Share `RATE_LIMIT` and `CACHE` among all processes, in the Redis or Valkey of `CACHES["default"]`."""
    deadline_header: str | None = None
    """A request header that carries the time left for the call, in milliseconds."""
    pool_idle_timeout: Seconds = 4.0
    """For which idle connections are kept; less than the upstream keeps them (uvicorn: 5 s), unless it says so itself."""
    connection_max_age: Seconds = 120.0
    """After which a connection is renewed, ± 20 %, so that new addresses and certificates are seen."""
    reuse_connections: bool = True
    """False opens a connection for each call, for an upstream that is not trusted."""
    max_response_size: Count = 10 * 1024 * 1024
    """Of a response that is not streamed, decoded."""
    headers: HeaderMap = msgspec.field(default_factory=lambda: HeaderMap({}))
    """Sent with every request."""
    auth: Auth | None = None
    """Credentials: `{"BEARER": …}`, `{"BASIC": [user, password]}`, `{"OAUTH2": {…}}`, or a function that signs requests."""
    tenant_networks: AddressRanges = AddressRanges(())
    """Networks that a tenant's address may lead to beside the public internet, such as `10.1.0.0/16`; `*` for any."""
    proxy: ProxyUrl | None = None
    """An HTTP proxy; the environment's proxies are ignored."""
    uds: SocketPath | None = None
    """A Unix socket to connect to; `BASE_URL` gives the host of the headers, and the path."""
    transport: TransportName = TransportName("http1")
    """What speaks HTTP: `http1` (this package), `http2` or `httpx` (the HTTP library), or `aiohttp`."""
    ca: str | None = None
    """A file of certificates to trust instead of the system's."""
    cert: Annotated[str | tuple[FilePath, FilePath] | None, CERT_FORM] = None
    """A client certificate: a file, or a pair of certificate file and key file."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.alias!r})"  # headers and proxies hold passwords

    @functools.cached_property
    def sent_headers(self) -> Headers:
        """The headers that every request starts with: `Host` and `HEADERS`."""
        headers = Request("GET", self.base_url, headers=self.headers).headers
        headers.encoding = "ascii"  # known here; otherwise each copy detects it anew
        return headers

    @property
    def is_plain_http(self) -> bool:
        """Whether requests cross a network unencrypted, without `ALLOW_HTTP`."""
        urls: list[str] = [] if self.uds else [self.base_url]
        if self.auth is not None and self.auth.oauth2 is not None:
            urls.append(self.auth.oauth2.token_url)
        return any(map(is_plain_http, urls)) and not self.allow_http


def parse(upstreams: Any) -> tuple[dict[str, Definition], list[str]]:
    """Validate a value of `settings.UPSTREAMS`.

    Returns:
        The valid definitions by alias, and one sentence for each mistake.
    """
    if not isinstance(upstreams, Mapping):
        return {}, [expected_dict("UPSTREAMS", '"quotes": {"BASE_URL": "https://api.example.com"}')]
    defaults, problems = _defaults(upstreams.get(DEFAULTS, {}))
    definitions: dict[str, Definition] = {}
    for alias in aliases(upstreams):
        definition, wrong = _definition(alias, upstreams[alias], defaults)
        problems += wrong
        if definition is not None:
            definitions[alias] = definition
    problems += [
        f'UPSTREAMS["{alias}"]["BASE_URL"]: plain HTTP in production; write https://, '
        'or set "ALLOW_HTTP": True if the network encrypts'
        for alias, definition in definitions.items()
        if definition.is_plain_http and not settings.DEBUG
    ]
    return definitions, problems


def parse_settings() -> tuple[dict[str, Definition], list[str]]:
    """Validate `settings.UPSTREAMS` as `parse` does, with mocks in place of the upstreams that `UPSTREAMS_MOCKS` names."""
    upstreams, refused = with_mocks(getattr(settings, "UPSTREAMS", {}), debug=settings.DEBUG)
    definitions, problems = parse(upstreams)
    return definitions, refused + problems


def _defaults(keys: Any) -> tuple[dict[str, Any], list[str]]:
    path = f'UPSTREAMS["{DEFAULTS}"]'
    if not isinstance(keys, Mapping):
        return {}, [expected_dict(path, '"TIMEOUT": 5')]
    own = [f'{path}["BASE_URL"]: belongs to one upstream; set it in each entry'] if "BASE_URL" in keys else []
    shared = {key: value for key, value in keys.items() if key != "BASE_URL"}
    found, problems = read_keys(Definition, shared, key_of(path), skip=("alias", "base_url"))
    return found, own + problems


def _definition(alias: Any, keys: Any, defaults: Mapping[str, Any]) -> tuple[Definition | None, list[str]]:
    path = f'UPSTREAMS["{alias}"]'
    name = key_of(path)
    if not ALIAS.fullmatch(str(alias)):
        return None, [refused_alias(path, alias)]
    if not isinstance(keys, Mapping):
        return None, [expected_dict(path, '"BASE_URL": "https://api.example.com"')]
    found, problems = read_keys(Definition, keys, name, skip=("alias",))
    if problems:
        return None, problems
    given = {**defaults, **found}
    definition = Definition(alias=alias, **given)
    problems += contradictions(definition, given, found, name)
    return (None if problems else definition), problems


@functools.cache
def configured() -> Mapping[str, Definition]:
    """Return the definitions in settings.

    Raises:
        ImproperlyConfigured: with one sentence for each mistake.
    """
    definitions, problems = parse_settings()
    if problems:
        raise ImproperlyConfigured("; ".join(problems))
    return definitions
