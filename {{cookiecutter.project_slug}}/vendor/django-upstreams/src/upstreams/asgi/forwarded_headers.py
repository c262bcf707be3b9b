"""Takes the client's address and the scheme from what trusted proxies say, on every server alike."""

import functools
from collections.abc import Awaitable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from upstreams.core.asgi_types import App, Receive, Scope, Send
from upstreams.core.fields import EVERY_PROXY, UNIX_SOCKET

Address = IPv4Address | IPv6Address

MAX_REMEMBERED_ADDRESSES = 1024
"""Addresses whose trust is remembered; to compare one with all networks takes some microseconds."""
MAX_ADDRESS_LENGTH = 64
"""Characters of an address with its zone, which may be of any length (RFC 4007 §11.2)."""


def trust_proxies(app: App, proxies: Sequence[str]) -> App:
    """Return the application behind these proxies.

    Args:
        app: the application.
        proxies: addresses and networks; `*` means all, `unix` a Unix socket. None of them: no layer is added.
    """
    return ForwardedHeaders(app, proxies) if proxies else app


class ForwardedHeaders:
    """Sets `client` and `scheme` of a request from `X-Forwarded-For` and `X-Forwarded-Proto` of trusted proxies.

    Each proxy appends the address that it has seen. From the right, the first one that is not a trusted proxy is the
    client: what stands left of it, the client may have written. A server that has done the same changes nothing.

    Args:
        app: the application.
        proxies: as `trust_proxies` takes them, at least one.
    """

    def __init__(self, app: App, proxies: Sequence[str]) -> None:
        self._app = app
        self._trusts_all = EVERY_PROXY in proxies
        self._trusts_sockets = self._trusts_all or UNIX_SOCKET in proxies
        self._networks = [ip_network(proxy) for proxy in proxies if proxy not in (EVERY_PROXY, UNIX_SOCKET)]
        self._is_proxy = functools.lru_cache(MAX_REMEMBERED_ADDRESSES)(self._is_trusted)

    # Not a coroutine: a request that comes without a proxy pays for one look-up.
    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if self._is_proxy(_peer(scope)):
            scope = self._forwarded(scope)
        return self._app(scope, receive, send)

    def _forwarded(self, scope: Scope) -> Scope:
        # In one go over the headers: most requests come from a proxy.
        addresses: list[bytes] = []
        protocols: list[bytes] = []
        for name, value in scope["headers"]:
            if name == b"x-forwarded-for":
                addresses.append(value)
            elif name == b"x-forwarded-proto":
                protocols.append(value)
        client, hops = self._client(_elements(addresses)) if addresses else ("", 0)
        schemes = _elements(protocols) if protocols else ()
        # A list has one scheme for each proxy, like that of the addresses.
        scheme = schemes[-min(max(hops, 1), len(schemes))].lower() if schemes else ""
        changed = {**scope}
        if client:
            changed["client"] = (client, 0)  # nobody knows its port
        if scheme in ("http", "https"):
            changed["scheme"] = scheme
        return changed

    def _client(self, forwarded: Sequence[str]) -> tuple[str, int]:
        """Return the address of the client, and at which place from the right it stands; 0 for none."""
        client, hops = "", 0
        for entry in reversed(forwarded):
            address = _address(_without_port(entry))
            if address is None:  # such as `unknown`: whoever is behind it stays hidden
                break
            client, hops = str(address), hops + 1
            if not self._is_proxy(client):
                break
        return client, hops

    def _is_trusted(self, host: str) -> bool:
        if host == UNIX_SOCKET:
            return self._trusts_sockets
        address = _address(host)
        return self._trusts_all or (
            address is not None and any(address in network for network in self._networks)
        )


def _peer(scope: Scope) -> str:
    """Return the address of who has connected. A Unix socket has none, or a path, depending on the server."""
    client = scope.get("client")
    host = str(client[0] or "") if client else ""
    return UNIX_SOCKET if not host or host.startswith(("/", "unix:")) else host


def _elements(lines: Sequence[bytes]) -> list[str]:
    """Return the elements of a list that may span several headers (RFC 9110 §5.3)."""
    return [part.strip() for part in b",".join(lines).decode("latin-1").split(",") if part.strip()]


def _without_port(entry: str) -> str:
    if entry.startswith("["):
        return entry[1:].partition("]")[0]
    return entry.partition(":")[0] if entry.count(":") == 1 else entry


def _address(text: str) -> Address | None:
    if len(text) > MAX_ADDRESS_LENGTH:
        return None
    try:
        address = ip_address(text)
    except ValueError:
        return None
    # An IPv4 client of a socket that listens for both has its address within an IPv6 one.
    return getattr(address, "ipv4_mapped", None) or address
