"""Opens connections: name look-up, TCP, TLS, and the tunnel of a proxy."""

import asyncio
import base64
import socket
from time import monotonic
from urllib.parse import unquote_to_bytes, urlsplit

import aiohappyeyeballs

from upstreams.core.call import Call
from upstreams.core.definition import Definition
from upstreams.core.errors import UpstreamProtocolError
from upstreams.transport import connect_errors
from upstreams.transport.connection import Connection, ConnectionLost
from upstreams.transport.framing import ProtocolError
from upstreams.transport.network import AddrInfo, Resolver, tls
from upstreams.transport.pool import Origin
from upstreams.transport.request import Fields, head

HAPPY_EYEBALLS_DELAY = 0.25
"""Seconds until the next address is tried beside one that has not connected (RFC 8305 §5)."""


class Connector:
    """Opens connections to origins, directly or through a proxy.

    Args:
        definition: of the upstream.

    Attributes:
        proxy: the proxy, if there is one.
        proxy_fields: the headers for the proxy, in a plain request or in one for a tunnel.
        has_certificate: whether this service has a client certificate.

    Raises:
        OSError: `CA` or `CERT` cannot be read.
    """

    def __init__(self, definition: Definition) -> None:
        self.proxy: Origin | None = None
        self.proxy_fields: Fields = []
        if definition.proxy is not None:
            parts = urlsplit(definition.proxy)
            self.proxy = Origin("http", parts.hostname or "", parts.port or 80)
            if parts.username is not None:
                # As the octets that are written: %C3%A9 is UTF-8, %E9 is Latin-1.
                pair = b":".join(map(unquote_to_bytes, (parts.username, parts.password or "")))
                self.proxy_fields = [(b"Proxy-Authorization", b"Basic " + base64.b64encode(pair))]
        self._timeout = definition.connect_timeout
        self._files = definition.ca, definition.cert
        self.has_certificate = definition.cert is not None
        if definition.base_url.startswith("https:") or any(self._files):
            tls(*self._files)  # built now rather than in a request; not at all, if nothing is encrypted
        self._resolver = Resolver()

    async def connect(self, origin: Origin, call: Call) -> Connection:
        """Open a connection within `CONNECT_TIMEOUT`.

        Raises:
            UpstreamConnectionError: it cannot be opened, with the reason; the phase is `connect`.
            UpstreamProtocolError: the proxy does not speak HTTP.
        """
        peer, began = self.proxy or origin, monotonic()
        try:
            return await self._within_timeout(peer, origin, call, began)
        except BaseException:
            self._resolver.expire(peer.host, peer.port)
            raise

    async def _within_timeout(self, peer: Origin, origin: Origin, call: Call, began: float) -> Connection:
        is_reached = False
        try:
            async with asyncio.timeout(self._timeout):
                sock = await self._socket(peer, call, began)
                is_reached = True
                connection = await self._direct(sock, peer, call)
                if self.proxy is None or origin.scheme == "http":
                    return connection
                return await self._tunnelled(connection, origin, call)
        except TimeoutError:
            is_resolved = not self._resolver.is_looking_up(peer.host, peer.port)
            raise connect_errors.timed_out(
                self._timeout, peer, call, is_resolved=is_resolved, is_reached=is_reached
            ) from None

    async def _socket(self, origin: Origin, call: Call, began: float) -> socket.socket:
        try:
            addresses = await self._resolver.resolve(origin.host, origin.port)
        except OSError as error:
            raise connect_errors.not_resolved(error, origin, call, self._key(origin)) from None
        while True:
            try:
                return await aiohappyeyeballs.start_connection(
                    addresses, happy_eyeballs_delay=HAPPY_EYEBALLS_DELAY, loop=asyncio.get_running_loop()
                )
            except (OSError, RuntimeError) as error:  # uvloop raises RuntimeError for a closed socket
                addresses = await self._moved(origin, addresses, began)
                if not addresses:
                    raise connect_errors.not_connected(error, origin, call, self._key(origin)) from None

    async def _moved(self, origin: Origin, tried: list[AddrInfo], began: float) -> list[AddrInfo]:
        """Return the addresses of a name that has moved since they were looked up; nothing if it has not."""
        self._resolver.expire(origin.host, origin.port, began)
        try:
            found = await self._resolver.resolve(origin.host, origin.port)
        except OSError:
            return []
        return found if set(found) - set(tried) else []

    async def _direct(self, sock: socket.socket, origin: Origin, call: Call) -> Connection:
        loop = asyncio.get_running_loop()
        is_secure = origin.scheme == "https"
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _, connection = await loop.create_connection(lambda: Connection(loop), sock=sock)
            return await self._secured(connection, origin) if is_secure else connection
        except (OSError, RuntimeError, ConnectionLost) as error:
            raise connect_errors.not_connected(
                error, origin, call, self._key(origin), is_secure=is_secure
            ) from None

    def way(self, origin: Origin) -> str:
        """Return the address of an origin, and of the proxy before it, for a message."""
        through = f" through {connect_errors.address(self.proxy)}" if self.proxy else ""
        return f"{connect_errors.address(origin)}{through}"

    def _key(self, origin: Origin) -> str:
        return "PROXY" if origin == self.proxy else "BASE_URL"

    async def _tunnelled(self, proxy: Connection, origin: Origin, call: Call) -> Connection:
        """Open a connection through a tunnel of the proxy (RFC 9110 §9.3.6)."""
        target = connect_errors.address(origin).encode()
        request = head("CONNECT", target, [(b"Host", target), *self.proxy_fields])
        connection = None
        try:
            response = await proxy.exchange("CONNECT", request, whole=True)
            if response.status >= 300:
                fix = (
                    "write its credentials in PROXY" if response.status == 407 else "check PROXY and BASE_URL"
                )
                raise connect_errors.failed(
                    f"the proxy refused the tunnel with status {response.status}; {fix}", call
                )
            if response.has_excess:  # the origin speaks second: these bytes are not its
                raise ProtocolError("more bytes follow it")
            connection = await self._secured(proxy, origin)
        except ConnectionLost:
            raise connect_errors.failed("the proxy closed the connection; check PROXY", call) from None
        except ProtocolError as error:
            what = f"the response of the proxy, {self.way(origin)}, is refused: {error}; check PROXY"
            raise UpstreamProtocolError(what, call=call) from None
        except (OSError, RuntimeError) as error:
            raise connect_errors.not_connected(error, origin, call, "BASE_URL", is_secure=True) from None
        finally:
            if connection is None:
                proxy.close()
        return connection

    async def _secured(self, plain: Connection, origin: Origin) -> Connection:
        """Begin TLS on a connection; not in `create_connection`, which hides the transport below TLS.

        Raises:
            OSError: the handshake failed; of uvloop, also a RuntimeError.
            ConnectionLost: the peer closed the connection, or spoke first, which is not TLS.
        """
        loop = asyncio.get_running_loop()
        connection = Connection(loop)
        try:
            if not plain.is_open:
                raise ConnectionLost
            transport = await loop.start_tls(
                plain.transport, connection, tls(*self._files), server_hostname=_server_name(origin)
            )
            if transport is not None:
                connection.connection_made(transport, plain.transport)
            if not connection.is_open:
                raise ConnectionLost
        finally:
            if not connection.is_open:
                plain.close()
        return connection


def _server_name(origin: Origin) -> str:
    return origin.host.rstrip(".")  # certificates hold names without the dot of the root
