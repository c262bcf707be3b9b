"""The HTTP library's own connections: HTTP/2, and proxies of SOCKS, which ours do not speak."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from time import monotonic
from typing import Any

from upstreams.core.call import Call
from upstreams.core.definition import Definition
from upstreams.core.errors import UpstreamClosed
from upstreams.core.httpcore import httpcore
from upstreams.core.httpx import Request, Response, httpx
from upstreams.transport.base import PooledTransport, message, reason
from upstreams.transport.connect_errors import failed
from upstreams.transport.generations import Generation, Generations
from upstreams.transport.httpx_attempt import Attempt
from upstreams.transport.httpx_errors import mapped
from upstreams.transport.httpx_network import Network, current_attempt
from upstreams.transport.network import tls
from upstreams.transport.pool import Counts, Origin
from upstreams.transport.route import DEFAULT_PORTS, Route

HOP_BY_HOP = {b"connection", b"keep-alive", b"proxy-connection", b"upgrade"}
"""Headers that HTTP/2 does not have (RFC 9113 §8.2.2)."""


class HTTPXTransport(PooledTransport):
    """Sends requests over the pools of the HTTP library. Create it in the event loop that uses it.

    Args:
        definition: of the upstream.

    Raises:
        OSError: `CA` or `CERT` cannot be read.
    """

    def __init__(self, definition: Definition) -> None:
        self._is_http2 = definition.transport == "http2"
        self._is_secure = definition.base_url.startswith("https:")
        protocols = ("h2", "http/1.1") if self._is_http2 else ("http/1.1",)
        self._route = Route(definition)
        if self._is_secure:
            tls(*self._route.files, protocols)  # built now rather than in a request
        self._network = Network(self._route, protocols)
        self._connect_timeout = definition.connect_timeout
        self._idle_timeout = definition.pool_idle_timeout
        self._reuse = definition.reuse_connections
        self._generations: Generations[Any] = Generations(
            self._make_pool, _close, definition.connection_max_age, definition.pool_idle_timeout
        )

    def _make_pool(self) -> Any:
        more: dict[str, Any] = {
            "max_connections": None,  # the bulkhead limits the calls
            "max_keepalive_connections": None if self._reuse else 0,
            "keepalive_expiry": self._idle_timeout,
            "http1": self._is_secure
            or not self._is_http2,  # without TLS, nothing tells which of the two it is
            "http2": self._is_http2,
            "network_backend": self._network,
            "ssl_context": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),  # not used: see `Stream.start_tls`
        }
        if (proxy := self._route.proxy) is None:
            return httpcore.AsyncConnectionPool(uds=self._route.uds, **more)
        url = httpcore.URL(scheme=proxy.scheme, host=proxy.host, port=proxy.port, target="/")
        if proxy.scheme == "http":
            return httpcore.AsyncHTTPProxy(url, proxy_headers=self._route.proxy_fields, **more)
        return httpcore.AsyncSOCKSProxy(url, proxy_auth=self._route.proxy_login, **more)

    @property
    def counts(self) -> Counts:
        """The open connections; one of HTTP/2 is in use while it carries any request."""
        idle = sum(one.is_idle() for each in self._generations.open for one in each.pool.connections)
        opened = self._network.opened.values()
        return Counts(max(0, len(opened) - idle), idle, monotonic() - min(opened) if opened else 0.0)

    def renew(self) -> None:
        self._generations.retire_current()

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        if self._generations.is_closed:
            raise UpstreamClosed("its client is closed", call=call)
        call.attempts += 1
        url = request.url
        port = url.port or DEFAULT_PORTS[url.scheme]
        origin = Origin(url.scheme, url.raw_host.decode("ascii"), port, call.is_foreign)
        peer = self._route.proxy or origin
        sent = self._request(request, origin)
        if self._is_http2 and self._network.has_ended():  # the library asks idle connections of HTTP/1.1 only
            self._generations.retire_current()
        generation = self._generations.enter()
        response = None
        timer = asyncio.timeout(None)
        attempt = Attempt(call, origin, peer, timer, self._connect_timeout)
        attempt.is_shared = self._is_http2 and generation.calls > 1
        sent.extensions["trace"] = attempt.trace
        token = current_attempt.set(attempt)
        try:
            async with timer:
                response = await generation.pool.handle_async_request(sent)
        except Exception as error:  # noqa: BLE001 - mapped, or raised as it is
            if timer.expired():
                raise self._route.timed_out(peer, call, is_reached=attempt.is_reached) from None
            raise mapped(error, attempt, self._route) from None
        finally:
            current_attempt.reset(token)
            if response is None:
                if not attempt.is_sent and not attempt.reused and attempt.stream is not None:
                    await attempt.stream.aclose()  # the library leaves it open if the proxy fails
                self.end(generation, attempt, is_complete=False)
        body = LibraryBody(response, self, generation, attempt)
        if response.status == 407 and peer is not origin and peer.scheme == origin.scheme == "http":
            await body.aclose()
            raise failed(
                "the proxy refused the request with status 407; write its credentials in PROXY", call
            )
        extensions = {"http_version": response.extensions["http_version"]}
        extensions |= reason(response.extensions.get("reason_phrase", b""))
        return Response(response.status, headers=response.headers, stream=body, extensions=extensions)

    def _request(self, request: Request, origin: Origin) -> Any:
        fields, body = message(request)
        if self._is_http2:
            fields = [field for field in fields if field[0].lower() not in HOP_BY_HOP]
        elif not self._reuse:
            fields.append((b"Connection", b"close"))
        url = request.url
        target = httpcore.URL(scheme=url.scheme, host=url.raw_host, port=origin.port, target=url.raw_path)
        return httpcore.Request(request.method, target, headers=fields, content=body, extensions={})

    def read_error(self, error: Exception, attempt: Attempt) -> Exception:
        """Return the error of a body that failed in the library."""
        return mapped(error, attempt, self._route, in_body=True)

    def end(self, generation: Generation[Any], attempt: Attempt, *, is_complete: bool) -> None:
        """End an attempt; the library tells the peer nothing of a stream of HTTP/2 that is given up."""
        if attempt.is_http2 and not is_complete:
            self._generations.retire(generation)
        self._generations.leave(generation)

    async def aclose(self) -> None:
        await self._generations.aclose()


async def _close(pool: Any) -> None:
    await pool.aclose()


class LibraryBody(httpx.AsyncByteStream):
    """A body that the library reads.

    Args:
        response: of the library.
        transport: that has sent the request.
        generation: the pool that the connection belongs to.
        attempt: that the body belongs to.
    """

    def __init__(
        self, response: Any, transport: HTTPXTransport, generation: Generation[Any], attempt: Attempt
    ) -> None:
        self._response = response
        self._transport = transport
        self._generation = generation
        self._attempt = attempt
        self._is_closed = self._is_complete = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = aiter(self._response.stream)
        try:
            while (chunk := await self._next(chunks)) is not None:
                yield chunk
            self._is_complete = True
        except Exception as error:  # noqa: BLE001 - mapped, or raised as it is
            raise self._transport.read_error(error, self._attempt) from None
        finally:
            await self.aclose()

    async def _next(self, chunks: AsyncIterator[bytes]) -> bytes | None:
        token = current_attempt.set(self._attempt)
        try:
            return await anext(chunks, None)
        finally:
            current_attempt.reset(token)

    async def aclose(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            try:
                await self._response.aclose()
            finally:
                self._transport.end(self._generation, self._attempt, is_complete=self._is_complete)
