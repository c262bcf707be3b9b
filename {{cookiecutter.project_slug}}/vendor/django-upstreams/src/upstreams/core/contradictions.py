"""Keys of an upstream that are right alone, and wrong together."""

from collections.abc import Callable, Collection, Iterator
from importlib.util import find_spec
from typing import Any

from upstreams.core import shared_state
from upstreams.core.extras import needed

NOT_MORE = (
    ("attempt_timeout", "timeout"),
    ("connect_timeout", "attempt_timeout"),
    ("connect_timeout", "timeout"),
    ("queue_timeout", "timeout"),
    ("backoff", "max_backoff"),
    ("breaker_open_time", "breaker_max_open_time"),
)
"""Pairs of times in which the first, where it is set, would have no effect if it were more than the second."""

OF_LIBRARY = ("http2", "httpx")
"""Values of `TRANSPORT` that use the HTTP library's own connections."""


def contradictions(
    definition: Any, given: Collection[str], own: Collection[str], name: Callable[[str], str]
) -> Iterator[str]:
    """Yield a sentence for each mistake.

    Args:
        definition: a `Definition`.
        given: the fields that were set, by the upstream or for all.
        own: those of them that the upstream has set.
        name: returns a key as messages name it.
    """
    for short, long in NOT_MORE:
        value, limit = getattr(definition, short), getattr(definition, long)
        if short in given and value is not None and limit is not None and value > limit:
            yield f"{name(short.upper())}: {value:.3g} s must not be more than {long.upper()}, {limit:.3g} s"
    if definition.auth is not None and definition.auth.signer is not None:
        if problem := definition.auth.signer.problem():
            yield f"{name('AUTH')}: {problem}"
    elif definition.auth is not None and "authorization" in {
        *definition.headers,
        *definition.headers.changing,
    }:
        yield f"{name('HEADERS')}: AUTH sends Authorization already; write only one of them"
    if definition.cache and find_spec("hishel") is None:
        yield needed(name("CACHE"), "cache")
    yield from _of_transport(definition, name)
    for key in ("cache_stale_if_error", "cache_stale_while_revalidate"):
        if key in own and not definition.cache:
            yield f'{name(key.upper())}: has no effect without CACHE; write "CACHE": True, too'
    if definition.shared:
        yield from _unshared(definition, own, name("SHARED"))


def _of_transport(definition: Any, name: Callable[[str], str]) -> Iterator[str]:
    """Yield a sentence for each key that the transport cannot honour, and for each package that it lacks."""
    kind, proxy, uds = definition.transport, definition.proxy, definition.uds
    if uds is not None and proxy is not None:
        yield f"{name('UDS')}: a Unix socket is on this machine; leave out PROXY"
    if proxy is not None and proxy.is_socks:
        if kind not in OF_LIBRARY:
            yield f'{name("PROXY")}: "TRANSPORT": "{kind}" speaks no SOCKS; write "TRANSPORT": "httpx"'
        elif find_spec("socksio") is None:
            yield needed(name("PROXY"), "socks")
    if kind == "http2":
        if not definition.reuse_connections:
            yield (
                f"{name('REUSE_CONNECTIONS')}: HTTP/2 carries all calls over one connection; "
                'write "TRANSPORT": "http1" or "httpx"'
            )
        if proxy is not None and not proxy.is_socks and definition.base_url.startswith("http:"):
            yield f"{name('PROXY')}: HTTP/2 passes a proxy for HTTP only within TLS; write https:// in BASE_URL"
        if find_spec("h2") is None:
            yield needed(name("TRANSPORT"), "http2")
    if kind == "aiohttp":
        if uds is not None and definition.base_url.startswith("https:"):
            yield f'{name("UDS")}: aiohttp speaks no TLS over it; write http:// in BASE_URL, or "TRANSPORT": "http1"'
        if find_spec("aiohttp") is None:
            yield needed(name("TRANSPORT"), "aiohttp")


def _unshared(definition: Any, own: Collection[str], name: str) -> Iterator[str]:
    if not shared_state.shares(definition):
        if "shared" in own:  # set for all, it is for those that have something to share
            yield f"{name}: shares RATE_LIMIT and CACHE, and none of them is set; set one, or leave SHARED out"
    elif (problem := shared_state.problem(name)) is not None:
        yield problem
