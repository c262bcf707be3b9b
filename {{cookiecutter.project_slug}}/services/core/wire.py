"""The innermost transport: the HTTP library's API over aiohttp's pool, which finds a connection in O(1).

All that is changed in aiohttp, and all that is known of its private names, is in this file.
"""

import select
import time
import weakref
from collections.abc import AsyncIterator, Callable
from contextvars import ContextVar
from random import uniform
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from yarl import URL

from services.core.definitions import Definition
from services.core.errors import BrokenAnswer, Call, UpstreamError, UpstreamUnreachable, UpstreamUntrusted
from services.core.http import Request, Response, Transport, httpx, stream_of
from services.core.network import Resolver, tls

Point = UpstreamUnreachable.Point

_exchange: ContextVar["Exchange"] = ContextVar("exchange")


class Exchange:
    """How far one request has come, and what went wrong in its own body."""

    point: Point = "connect"
    upload_error: Exception | None = None


class Connector(aiohttp.TCPConnector):
    """A pool that hands out no connection that is too old, or holds bytes nobody asked for.

    Args:
        definition: of the upstream.
        clock: seconds, monotonic.
    """

    def __init__(self, definition: Definition, clock: Callable[[], float]) -> None:
        super().__init__(
            limit=0,  # the queue before it is bounded
            keepalive_timeout=None if not definition.reuse else definition.keepalive,
            force_close=not definition.reuse,
            ssl=tls(definition.ca, definition.cert),
            resolver=Resolver(),
        )
        self._clock = clock
        self._max_age = definition.max_age
        # Since when each is open, and until when it is used.
        self._lives: weakref.WeakKeyDictionary[Any, tuple[float, float]] = weakref.WeakKeyDictionary()

    async def connect(self, req: Any, traces: Any, timeout: Any) -> Connection:
        connection = await super().connect(req, traces, timeout)
        if (protocol := connection.protocol) is not None:
            _exchange.get().point = "reused" if protocol in self._lives else "fresh"
            now = self._clock()
            # ± 20 %, so that the connections of all workers are not renewed at once.
            self._lives.setdefault(protocol, (now, now + self._max_age * uniform(0.8, 1.2)))  # noqa: S311 - no secret # nosec B311
        return connection

    async def _get(self, key: Any, traces: Any) -> Connection | None:
        # aiohttp's own hands an answer that came unasked to the next caller.
        while (connection := await super()._get(key, traces)) is not None:
            if self._is_fit(connection.protocol):
                return connection
            connection.close()
        return None

    def _is_fit(self, protocol: ResponseHandler | None) -> bool:
        if protocol is None or protocol.transport is None or protocol.should_close:
            return False
        fresh = self._clock() < self._lives.get(protocol, (0, 0))[1]
        return fresh and not _is_readable(protocol.transport.get_extra_info("socket"))

    @property
    def pool(self) -> tuple[int, int, float]:
        """The open connections: how many are in use, how many idle, and the age of the oldest in seconds."""
        opened = [since for protocol, (since, _) in self._lives.items() if protocol.is_connected()]
        idle = sum(protocol.is_connected() for line in self._conns.values() for protocol, _ in line)
        return len(opened) - idle, idle, self._clock() - min(opened) if opened else 0.0

    def abandon(self) -> None:
        """Called in a forked child: the sockets are the parent's, and are neither used nor closed here."""
        self._closed = True


def _is_readable(socket: Any) -> bool:
    # Bytes, or the end, that the loop has not read yet. Idle connections have nothing to say.
    poll = select.poll()
    poll.register(socket.fileno(), select.POLLIN)
    return bool(poll.poll(0))


class Wire(Transport):
    """Sends requests over one pool of connections. Has to be made in the event loop that will use it.

    Args:
        definition: of the upstream.
        clock: seconds, monotonic.

    Raises:
        OSError: `CA` or `CERT` cannot be read.
    """

    def __init__(self, definition: Definition, clock: Callable[[], float] = time.monotonic) -> None:
        self._definition = definition
        self.connector = Connector(definition, clock)
        self._session = aiohttp.ClientSession(
            connector=self.connector,
            timeout=aiohttp.ClientTimeout(total=None, connect=definition.connect),
            cookie_jar=aiohttp.DummyCookieJar(),  # one user's cookies must not reach another's call
            skip_auto_headers=("Accept-Encoding", "Content-Type"),
            auto_decompress=False,
            trust_env=False,
            proxy=definition.proxy,
        )
        # aiohttp would send an idempotent request again by itself, outside every policy of ours.
        self._session._retry_connection = False

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        call.attempts += 1
        exchange = Exchange()
        _exchange.set(exchange)
        encoding = request.headers.encoding
        headers = [(name.decode(encoding), value.decode(encoding)) for name, value in request.headers.raw]
        try:
            answer = await self._session.request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=[pair for pair in headers if pair[0].lower() != "transfer-encoding"],
                data=_upload(request, exchange),
                allow_redirects=False,
            )
        except (aiohttp.ClientError, OSError) as error:
            if exchange.upload_error is not None:
                raise exchange.upload_error from None
            # `from None`: aiohttp's messages may hold the URL with its query.
            raise self._failure(error, call, exchange.point) from None
        return Response(answer.status, headers=list(answer.raw_headers), stream=_Download(answer, call))

    def _failure(self, error: Exception, call: Call, point: Point) -> UpstreamError:
        match error:
            case aiohttp.ClientHttpProxyError():
                what = f"the proxy refused with {error.status}"
            case aiohttp.ClientResponseError():
                return BrokenAnswer("the answer is not HTTP", call=call)
            case aiohttp.ConnectionTimeoutError():
                what = f"no connection within {self._definition.connect:.3g} s"
            case aiohttp.ClientConnectorDNSError():
                what = f"the name {error.host} does not resolve"
            case aiohttp.ClientConnectorCertificateError():
                what = f"the certificate of {error.host}:{error.port} is not valid"
                return UpstreamUntrusted(what, call=call, point="connect")
            case aiohttp.ClientConnectorError():
                what = f"cannot connect to {error.host}:{error.port}"
            case _:
                what = f"nothing was received on a {point} connection"
        return UpstreamUnreachable(what, call=call, point=point)

    async def aclose(self) -> None:
        await self._session.close()


def _upload(request: Request, exchange: Exchange) -> bytes | AsyncIterator[bytes] | None:
    if isinstance(request.stream, httpx.ByteStream):
        return request.read() or None

    async def chunks() -> AsyncIterator[bytes]:
        try:
            async for chunk in stream_of(request):
                yield chunk
        except Exception as error:
            exchange.upload_error = error
            raise

    return chunks()


class _Download(httpx.AsyncByteStream):
    def __init__(self, answer: aiohttp.ClientResponse, call: Call) -> None:
        self._answer = answer
        self._call = call

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while chunk := await self._answer.content.readany():
                yield chunk
        except (aiohttp.ClientError, OSError):
            what = "the connection was lost in the body"
            raise UpstreamUnreachable(what, call=self._call, point="body") from None

    async def aclose(self) -> None:
        if self._answer.connection is not None:  # else it is back in the pool: the body was read to its end
            self._answer.close()
