"""The way to an upstream: over its name, a proxy or a Unix socket; it opens sockets, and names them in messages."""

import asyncio
import base64
import socket
import ssl
from time import monotonic
from urllib.parse import unquote_to_bytes, urlsplit

import aiohappyeyeballs

from upstreams.core.call import Call
from upstreams.core.definition import Definition
from upstreams.core.errors import UpstreamConnectionError
from upstreams.transport import connect_errors, unsafe
from upstreams.transport.addresses import AllowedAddresses
from upstreams.transport.network import AddrInfo, Resolver, tls
from upstreams.transport.pool import Origin
from upstreams.transport.request import Fields

HAPPY_EYEBALLS_DELAY = 0.25
"""Seconds until the next address is tried beside one that has not connected (RFC 8305 §5)."""
LOOK_INTERVAL = 1.0
"""Seconds between two looks at the files of a client certificate."""
DEFAULT_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


class Route:
    """The way from here to the origin of an upstream.

    Args:
        definition: of the upstream.

    Attributes:
        proxy: the proxy, if there is one.
        proxy_login: its user and password, if there are any.
        proxy_fields: the headers for the proxy, in a plain request or in one for a tunnel.
        uds: the Unix socket to connect to instead, if there is one.
        files: `CA` and `CERT`.
        resolver: looks up names.

    Raises:
        OSError: `CA` or `CERT` cannot be read.
    """

    def __init__(self, definition: Definition) -> None:
        self.proxy: Origin | None = None
        self.proxy_login: tuple[bytes, bytes] | None = None
        self.proxy_fields: Fields = []
        if definition.proxy is not None:
            parts = urlsplit(definition.proxy)
            port = parts.port or DEFAULT_PORTS[parts.scheme]
            self.proxy = Origin(parts.scheme, parts.hostname or "", port)
            if parts.username is not None:
                # As the octets that are written: %C3%A9 is UTF-8, %E9 is Latin-1.
                user, password = map(unquote_to_bytes, (parts.username, parts.password or ""))
                self.proxy_login = user, password
                basic = b"Basic " + base64.b64encode(user + b":" + password)
                self.proxy_fields = [(b"Proxy-Authorization", basic)]
        self.uds = definition.uds
        self.files = definition.ca, definition.cert
        self.resolver = Resolver()
        self._timeout = definition.connect_timeout
        self._allowed = AllowedAddresses(definition.tenant_networks)
        if definition.base_url.startswith("https:") or any(self.files):
            self._context = tls(*self.files)  # built now rather than in a request; not at all without TLS
        self._next_look = 0.0

    def require_checks(self, origin: Origin, call: Call) -> None:
        """Raise an UnsafeRequest if somebody else would look up the address that a tenant has named."""
        if origin.is_foreign and not self._allowed.has_any:
            if self.proxy is not None:
                raise unsafe.looked_up_elsewhere("PROXY", origin.host, call)
            if self.uds is not None:
                raise unsafe.looked_up_elsewhere("UDS", origin.host, call)

    async def open(self, peer: Origin, call: Call, began: float) -> socket.socket:
        """Return a socket that is connected to the upstream, the proxy or the Unix socket.

        Args:
            peer: the upstream or the proxy.
            call: that needs the connection.
            began: in `time.monotonic()` seconds.

        Raises:
            UpstreamConnectionError: it cannot be opened, with the reason.
        """
        call.step("start")
        if self.uds is not None:
            sock = await self._open_unix(self.uds, call)
            call.step("connect")
            return sock
        try:
            addresses = await self._addresses(peer)
        except OSError as error:
            raise connect_errors.not_resolved(error, peer, call, self.key(peer)) from None
        if not addresses:
            raise unsafe.not_public(peer, call)
        call.step("name")
        while True:
            try:
                sock = await aiohappyeyeballs.start_connection(
                    addresses, happy_eyeballs_delay=HAPPY_EYEBALLS_DELAY, loop=asyncio.get_running_loop()
                )
                call.step("connect")
                return sock
            except (OSError, RuntimeError) as error:  # uvloop raises RuntimeError for a closed socket
                addresses = await self._moved(peer, addresses, began)
                if not addresses:
                    raise self.not_connected(error, peer, call) from None

    async def _addresses(self, peer: Origin) -> list[AddrInfo]:
        """Return the addresses that may be connected to: these, without another look-up, whatever the name says next."""
        found = await self.resolver.resolve(peer.host, peer.port)
        return self._allowed.select(found) if peer.is_foreign else found

    async def _moved(self, peer: Origin, tried: list[AddrInfo], began: float) -> list[AddrInfo]:
        """Return the addresses of a name that has moved since they were looked up; nothing if it has not."""
        self.resolver.expire(peer.host, peer.port, began)
        try:
            found = await self._addresses(peer)
        except OSError:
            return []
        return found if set(found) - set(tried) else []

    async def _open_unix(self, path: str, call: Call) -> socket.socket:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            await asyncio.get_running_loop().sock_connect(sock, path)
        except OSError as error:
            sock.close()
            raise connect_errors.no_unix_socket(error, path, call) from None
        except BaseException:
            sock.close()
            raise
        return sock

    def not_connected(
        self, error: Exception, peer: Origin, call: Call, *, is_secure: bool = False
    ) -> UpstreamConnectionError:
        """Return the error of a peer without a connection, or of TLS if that was being set up."""
        return connect_errors.not_connected(
            error, self.where(peer), call, self.key(peer), is_secure=is_secure
        )

    def timed_out(self, peer: Origin, call: Call, *, is_reached: bool) -> UpstreamConnectionError:
        """Return the error of a connection that took longer than `CONNECT_TIMEOUT`.

        Args:
            peer: the upstream or the proxy.
            call: that needs the connection.
            is_reached: whether the socket was connected.
        """
        unresolved = None if self.uds or not self.resolver.is_looking_up(peer.host, peer.port) else peer.host
        may_lack_tls = is_reached and peer.scheme == "https"
        return connect_errors.timed_out(
            self._timeout, self.where(peer), call, unresolved=unresolved, may_lack_tls=may_lack_tls
        )

    def expire(self, peer: Origin) -> None:
        """Forget the addresses of a peer that could not be connected to."""
        self.resolver.expire(peer.host, peer.port)

    def where(self, peer: Origin) -> str:
        """Return the address of the upstream or of the proxy, or the Unix socket, for a message."""
        return connect_errors.address(peer) if self.uds is None else f"the socket {self.uds}"

    def way(self, origin: Origin) -> str:
        """Return the address of an origin, and of the proxy before it, for a message."""
        through = f" through {connect_errors.address(self.proxy)}" if self.proxy else ""
        return f"{self.where(origin)}{through}"

    def has_new_certificate(self) -> bool:
        """Return whether `CERT` or `CA` was replaced since the last time; looks at the files once a second."""
        now = monotonic()
        if now < self._next_look:
            return False
        self._next_look = now + LOOK_INTERVAL
        last, self._context = self._context, tls(*self.files)
        return self._context is not last

    def key(self, peer: Origin) -> str:
        """Return the key of the settings that names a peer."""
        if peer.is_foreign:
            return "the tenant's base_url"
        return "UDS" if self.uds is not None else "PROXY" if peer == self.proxy else "BASE_URL"

    def tls(self, origin: Origin, protocols: tuple[str, ...] = ("http/1.1",)) -> ssl.SSLContext:
        """Return the context for an origin; one that a tenant has named does not see the certificate of this service.

        Args:
            origin: that is connected to.
            protocols: that are offered by ALPN.
        """
        ca, cert = self.files
        return tls(ca, None if origin.is_foreign else cert, protocols)
