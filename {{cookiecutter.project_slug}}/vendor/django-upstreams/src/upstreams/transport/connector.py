"""Opens connections: a socket, TLS, and the tunnel of a proxy."""

import asyncio
import socket
from time import monotonic

from upstreams.core.call import Call
from upstreams.core.definition import Definition
from upstreams.core.errors import UpstreamProtocolError
from upstreams.transport import connect_errors
from upstreams.transport.connection import Connection, ConnectionLost
from upstreams.transport.framing import ProtocolError
from upstreams.transport.pool import Origin
from upstreams.transport.request import head
from upstreams.transport.route import Route


class Connector:
    """Opens connections to origins, directly, through a proxy or over a Unix socket.

    Args:
        definition: of the upstream.

    Attributes:
        route: to the upstream.
        has_certificate: whether this service has a client certificate.

    Raises:
        OSError: `CA` or `CERT` cannot be read.
    """

    def __init__(self, definition: Definition) -> None:
        self.route = Route(definition)
        self.has_certificate = definition.cert is not None
        self._timeout = definition.connect_timeout

    async def connect(self, origin: Origin, call: Call) -> Connection:
        """Open a connection within `CONNECT_TIMEOUT`.

        Raises:
            UpstreamConnectionError: it cannot be opened, with the reason; the phase is `connect`.
            UpstreamProtocolError: the proxy does not speak HTTP.
        """
        self.route.require_checks(origin, call)
        peer, began = self.route.proxy or origin, monotonic()
        try:
            return await self._within_timeout(peer, origin, call, began)
        except BaseException:
            self.route.expire(peer)
            raise

    async def _within_timeout(self, peer: Origin, origin: Origin, call: Call, began: float) -> Connection:
        is_reached = False
        try:
            async with asyncio.timeout(self._timeout):
                sock = await self.route.open(peer, call, began)
                is_reached = True
                connection = await self._direct(sock, peer, call)
                if self.route.proxy is None or origin.scheme == "http":
                    return connection
                return await self._tunnelled(connection, origin, call)
        except TimeoutError:
            raise self.route.timed_out(peer, call, is_reached=is_reached) from None

    async def _direct(self, sock: socket.socket, origin: Origin, call: Call) -> Connection:
        loop = asyncio.get_running_loop()
        is_secure = origin.scheme == "https"
        try:
            if self.route.uds is None:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                _, connection = await loop.create_connection(lambda: Connection(loop), sock=sock)
            else:
                _, connection = await loop.create_unix_connection(lambda: Connection(loop), sock=sock)
            if not is_secure:
                return connection
            secured = await self._secured(connection, origin)
            call.step("TLS")
            return secured
        except (OSError, RuntimeError, ConnectionLost) as error:
            raise self.route.not_connected(error, origin, call, is_secure=is_secure) from None

    async def _tunnelled(self, proxy: Connection, origin: Origin, call: Call) -> Connection:
        """Open a connection through a tunnel of the proxy (RFC 9110 §9.3.6)."""
        target = connect_errors.address(origin).encode()
        request = head("CONNECT", target, [(b"Host", target), *self.route.proxy_fields])
        connection = None
        try:
            response = await proxy.exchange("CONNECT", [request], whole=True)
            if response.status >= 300:
                fix = (
                    "write its credentials in PROXY" if response.status == 407 else "check PROXY and BASE_URL"
                )
                raise connect_errors.failed(
                    f"the proxy refused the tunnel with status {response.status}; {fix}", call
                )
            if response.has_excess:  # the origin speaks second: these bytes are not its
                raise ProtocolError("more bytes follow it")
            call.step("tunnel")
            connection = await self._secured(proxy, origin)
            call.step("TLS")
        except ConnectionLost:
            raise connect_errors.failed("the proxy closed the connection; check PROXY", call) from None
        except ProtocolError as error:
            what = f"the response of the proxy, {self.route.way(origin)}, is refused: {error}; check PROXY"
            raise UpstreamProtocolError(what, call=call) from None
        except (OSError, RuntimeError) as error:
            raise self.route.not_connected(error, origin, call, is_secure=True) from None
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
                plain.transport, connection, self.route.tls(origin), server_hostname=_server_name(origin)
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
