"""Opens connections: names, addresses, TLS, and the tunnel of a proxy."""

import asyncio
import base64
import socket
import ssl
from urllib.parse import unquote, urlsplit

import aiohappyeyeballs

from services.core.definitions import Definition
from services.core.errors import BrokenAnswer, Call, UpstreamUnreachable, UpstreamUntrusted
from services.core.http1.answer import NotHTTP
from services.core.http1.connection import Connection, ConnectionLost
from services.core.http1.pool import Origin
from services.core.http1.request import Fields, head
from services.core.network import Resolver, tls

HEAD_START = 0.25
"""Seconds before the next address is tried beside one that has not answered (RFC 8305 §5)."""


class Connector:
    """Opens connections to origins, or to the proxy that stands before them.

    Args:
        definition: of the upstream.

    Attributes:
        proxy: whom requests are sent to, if not to the origin.
        proxy_fields: what a proxy wants to know, be it of a request or of a tunnel.

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
                pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode("latin-1")
                self.proxy_fields = [(b"Proxy-Authorization", b"Basic " + base64.b64encode(pair))]
        self._seconds = definition.connect
        self._files = definition.ca, definition.cert
        if definition.base_url.startswith("https:") or any(self._files):
            tls(*self._files)  # now, not in a request; where nothing is encrypted, no memory is spent on it
        self._resolver = Resolver()

    async def connect(self, origin: Origin, call: Call) -> Connection:
        """Open a connection within `CONNECT` seconds.

        Raises:
            UpstreamUnreachable: it cannot be opened, with the reason; the point is `connect`.
            BrokenAnswer: the proxy does not speak HTTP.
        """
        try:
            async with asyncio.timeout(self._seconds):
                if self.proxy is None:
                    return await self._direct(origin, call)
                connection = await self._direct(self.proxy, call)
                if origin.scheme == "http":
                    return connection
                return await self._tunnelled(connection, origin, call)
        except TimeoutError:
            raise _failed(f"no connection within {self._seconds:.3g} s", call) from None

    async def _direct(self, origin: Origin, call: Call) -> Connection:
        try:
            addresses = await self._resolver.resolve(origin.host, origin.port)
        except OSError:
            raise _failed(f"the name {origin.host} does not resolve", call) from None
        loop = asyncio.get_running_loop()
        try:
            sock = await aiohappyeyeballs.start_connection(
                addresses, happy_eyeballs_delay=HEAD_START, loop=loop
            )
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            is_secure = origin.scheme == "https"
            _, connection = await loop.create_connection(
                lambda: Connection(loop),
                sock=sock,
                ssl=tls(*self._files) if is_secure else None,
                server_hostname=_name(origin) if is_secure else None,
            )
        except (OSError, RuntimeError) as error:  # uvloop raises the latter, too
            raise _refused(error, origin, call) from None
        return connection

    async def _tunnelled(self, through: Connection, origin: Origin, call: Call) -> Connection:
        """A connection through a tunnel of the proxy (RFC 9110 §9.3.6)."""
        host = f"[{origin.host}]" if ":" in origin.host else origin.host
        target = f"{host}:{origin.port}".encode()
        request = head("CONNECT", target, [(b"Host", target), *self.proxy_fields])
        loop = asyncio.get_running_loop()
        connection = Connection(loop)
        try:
            answer = await through.exchange("CONNECT", request, whole=True)
            if answer.status >= 300:
                raise _failed(f"the proxy refused with {answer.status}", call)
            if answer.has_excess:  # the origin speaks after us; whoever speaks now is someone else
                raise NotHTTP
            transport = await loop.start_tls(
                through.transport, connection, tls(*self._files), server_hostname=_name(origin)
            )
            if transport is None:
                raise ConnectionLost
            connection.connection_made(transport)
        except ConnectionLost:
            raise _failed("the proxy closed the connection", call) from None
        except NotHTTP:
            raise BrokenAnswer("the answer of the proxy is not HTTP", call=call) from None
        except OSError as error:
            raise _refused(error, origin, call) from None
        finally:
            if not connection.is_open:
                through.close()
        return connection


def _name(origin: Origin) -> str:
    return origin.host.rstrip(".")  # certificates hold names without the dot of the root


def _refused(error: Exception, origin: Origin, call: Call) -> UpstreamUnreachable:
    if isinstance(error, ssl.SSLCertVerificationError):
        what = f"the certificate of {origin.host}:{origin.port} is not valid"
        return UpstreamUntrusted(what, call=call, point="connect")
    return _failed(f"cannot connect to {origin.host}:{origin.port}", call)


def _failed(what: str, call: Call) -> UpstreamUnreachable:
    return UpstreamUnreachable(what, call=call, point="connect")
