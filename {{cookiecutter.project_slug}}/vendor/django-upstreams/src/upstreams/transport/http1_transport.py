"""The innermost transport: the HTTP library's transport API over our own connections."""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from functools import lru_cache

from upstreams.core.call import Call
from upstreams.core.definition import Definition
from upstreams.core.errors import UpstreamClosed, UpstreamConnectionError, UpstreamProtocolError
from upstreams.core.http_messages import NO_BODY, headers_of, response_of
from upstreams.core.httpx import ReadStream, Request, Response, httpx, stream_of
from upstreams.transport import framing, hints
from upstreams.transport.base import FRAMING, PooledTransport, add_defaults, names_of, reason
from upstreams.transport.connect_errors import failed
from upstreams.transport.connection import ConnectionLost
from upstreams.transport.connector import Connector
from upstreams.transport.framing import ProtocolError
from upstreams.transport.pool import Counts, Origin, Pool, PooledConnection
from upstreams.transport.request import Fields, framed, head, sized, streamed
from upstreams.transport.response import IncomingResponse
from upstreams.transport.route import DEFAULT_PORTS

LARGE_BODY = 64 * 1024
"""Bytes of a body that is sent as it is: joined to its head it would be copied, which takes longer than a second write."""


class HTTP1Transport(PooledTransport):
    """Sends requests over one pool of connections. Create it in the event loop that uses it.

    It sends each request once: retries are up to the policies.

    Args:
        definition: of the upstream.
        clock: monotonic, in seconds.

    Attributes:
        pool: its connections.
        checks_addresses: see `policies.addresses`.
        way: returns the address of an origin, and of the proxy before it, for a message.

    Raises:
        OSError: `CA` or `CERT` cannot be read.
    """

    checks_addresses = True

    def __init__(self, definition: Definition, clock: Callable[[], float] = time.monotonic) -> None:
        self._connector = Connector(definition)
        self.way = self._connector.route.way
        self._last_fields: Fields = [] if definition.reuse_connections else [(b"Connection", b"close")]
        self.pool = Pool(
            idle_timeout=definition.pool_idle_timeout,
            max_age=definition.connection_max_age,
            reuse=definition.reuse_connections,
            clock=clock,
        )

    @property
    def counts(self) -> Counts:
        """The open connections."""
        return self.pool.counts

    def renew(self) -> None:
        self.pool.renew()

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        if self.pool.is_closed:
            raise UpstreamClosed("its client is closed", call=call)
        call.attempts += 1
        url = request.url
        if call.is_foreign:
            origin = _origin(url.scheme, url.raw_host, url.port)._replace(is_foreign=True)
        else:
            origin = _origin_of_settings(url.scheme, url.raw_host, url.port)
        data, upload = self._message(request, origin)
        if self._connector.has_certificate and self._connector.route.has_new_certificate():
            self.pool.renew()
        pooled = self.pool.acquire(origin)
        reused = pooled is not None
        if pooled is None:
            pooled = self.pool.add(await self._connector.connect(origin, call), origin)
        try:
            incoming = await pooled.connection.exchange(
                request.method, data, upload, whole=call.stream is False
            )
        except ConnectionLost as error:
            kind = "reused" if reused else "new"
            what = f"the connection, {kind}, to {self.way(origin)} was {_verb(error)} before any response"
            if not reused:
                is_secure, has_certificate = origin.scheme == "https", self._connector.has_certificate
                what += hints.lost(*error.args, is_secure=is_secure, has_certificate=has_certificate)
            raise UpstreamConnectionError(what, call=call, phase="send", reused=reused) from None
        except ProtocolError as error:
            raise refused(error, self.way(origin), call) from None
        except BaseException:
            pooled.connection.close()
            raise
        if not reused:
            self.pool.limit(pooled, incoming.fields)
        if incoming.status == 407 and self._connector.route.proxy is not None and origin.scheme == "http":
            self.pool.release(pooled)
            raise failed(
                "the proxy refused the request with status 407; write its credentials in PROXY", call
            )
        stream: httpx.AsyncByteStream
        if incoming.is_complete:
            stream = ReadStream(incoming.take())
            self.pool.release(pooled)
        else:
            stream = ResponseStream(incoming, pooled, self, call)
        headers = headers_of([(name, name.lower(), value) for name, value in incoming.fields])
        return response_of(incoming.status, headers, stream, reason(incoming.reason))

    def _message(
        self, request: Request, origin: Origin
    ) -> tuple[tuple[bytes, ...], AsyncGenerator[bytes] | None]:
        """Return what to send first, and what follows if the body is streamed."""
        target = request.url.raw_path
        fields, names = request.headers.raw, names_of(request.headers)
        body, upload = b"", None
        if not isinstance(request.stream, httpx.ByteStream):
            fields, size = streamed(fields)
            upload = framed(stream_of(request), size)
        elif request.stream is not NO_BODY or not names.isdisjoint(FRAMING):
            body = b"".join(request.stream)
            fields = sized(fields, len(body))
        add_defaults(fields, names)
        fields += self._last_fields
        if self._connector.route.proxy is not None and origin.scheme == "http":
            target = b"http://" + request.url.netloc + target  # RFC 9112 §3.2.2
            fields += self._connector.route.proxy_fields
        written = head(request.method, target, fields)
        return (written + body,) if len(body) < LARGE_BODY else (written, body), upload

    async def aclose(self) -> None:
        await self.pool.aclose()


def _origin(scheme: str, raw_host: bytes, port: int | None) -> Origin:
    return Origin(scheme, raw_host.decode("ascii"), port or DEFAULT_PORTS[scheme])


_origin_of_settings = lru_cache(maxsize=512)(_origin)  # those of tenants are not remembered: they may be long


def _verb(error: ConnectionLost) -> str:
    return "reset" if error.args and isinstance(error.args[0], ConnectionResetError) else "lost"


def refused(error: ProtocolError, way: str, call: Call) -> UpstreamProtocolError:
    """Return the error of a response that is refused; it has the address, and no value of a field."""
    what = f"the response of {way} is refused: {error}{hints.not_http(error.data)}"
    return UpstreamProtocolError(what, call=call)


class ResponseStream(httpx.AsyncByteStream):
    """A body that is still arriving.

    Args:
        incoming: the response.
        pooled: the connection; it returns to the pool when the body has ended.
        transport: that the connection belongs to.
        call: that the body belongs to.
    """

    def __init__(
        self, incoming: IncomingResponse, pooled: PooledConnection, transport: HTTP1Transport, call: Call
    ) -> None:
        self._incoming = incoming
        self._pooled = pooled
        self._transport = transport
        self._call = call
        self._is_closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while chunk := await self._read():
            yield chunk
        await self.aclose()

    async def _read(self) -> bytes:
        try:
            return await self._pooled.connection.read(self._incoming)
        except ConnectionLost as error:
            origin, verb = self._pooled.origin, _verb(error)
            what = f"the connection to {self._transport.way(origin)} was {verb} in the body"
            if (origin.scheme, verb) == ("https", "lost") and not framing.has_framing(self._incoming.fields):
                what += hints.CUT_TLS
            raise UpstreamConnectionError(what, call=self._call, phase="receive") from None
        except ProtocolError as error:
            raise refused(error, self._transport.way(self._pooled.origin), self._call) from None

    async def aclose(self) -> None:
        if not self._is_closed:  # once: afterwards the connection belongs to another call
            self._is_closed = True
            self._transport.pool.release(self._pooled)
